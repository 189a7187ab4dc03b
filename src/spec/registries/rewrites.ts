import { isRecord } from '../../internal/json.ts';
import { quote } from '../yaml/quote.ts';
import { endpointsIn } from './endpoint.ts';
import { overlapNotes } from './overlaps.ts';
import type { Note } from './note.ts';

/** Reports rewrites that do nothing, or not what they seem to: their syntax is Go's (RE2). */
export function rewriteNotes(mirrors: Readonly<Record<string, unknown>>): readonly Note[] {
  return Object.entries(mirrors).flatMap(([host, mirror]) => {
    const rewrite: unknown = isRecord(mirror) ? mirror['rewrite'] : undefined;
    if (!isRecord(rewrite) || Object.keys(rewrite).length === 0) return [];
    const path = ['mirrors', host, 'rewrite'];
    const idle: Note = {
      level: 'error',
      path: ['mirrors', host],
      key: 'rewrite',
      fact: 'there is no endpoint that it applies to',
      hint: 'Names are rewritten for the endpoints of a mirror, never for the registry itself.',
    };
    return [
      ...(endpointsIn(mirror).length === 0 ? [idle] : []),
      ...Object.keys(rewrite).flatMap((pattern) =>
        patternNotes(pattern, host).map((note) => ({ ...note, path, key: pattern })),
      ),
      ...Object.entries(rewrite).flatMap(([pattern, replacement]) =>
        replacementNotes(replacement).map((note) => ({ ...note, path: [...path, pattern] })),
      ),
      ...overlapNotes(Object.keys(rewrite)).map((note) => ({ ...note, path })),
    ];
  });
}

type Remark = Omit<Note, 'path'>;

function patternNotes(pattern: string, host: string): readonly Remark[] {
  if (/\(\?(?:[=!>]|<[=!])/.test(pattern))
    return [
      { level: 'error', fact: 'Go has no look-around in its regular expressions, so K3s cannot read it' },
    ];
  if (/(?:^|[^\\])(?:\\\\)*\\[1-9]/.test(pattern))
    return [
      { level: 'error', fact: 'Go has no back-references in its regular expressions, so K3s cannot read it' },
    ];
  const literal = pattern.replace(/^\^/, '').replaceAll('\\', '');
  if (host !== '*' && literal.startsWith(`${host}/`))
    return [
      {
        level: 'error',
        fact: 'it matches nothing: the host is no part of the name that is rewritten',
        hint: `Leave ${quote(`${host}/`)} out.`,
      },
    ];
  if (/:(?!\])/.test(pattern.replaceAll(/\(\?[a-zA-Z]*:|\[:\w+:\]/g, '')))
    return [{ level: 'error', fact: 'it matches nothing: the tag is no part of the name that is rewritten' }];
  return tomlRemarks(pattern);
}

function replacementNotes(replacement: unknown): readonly Remark[] {
  if (typeof replacement !== 'string') return [];
  const [whole, digits = ''] = /\$(\d+)[A-Za-z_]\w*/.exec(replacement) ?? [];
  if (whole !== undefined)
    return [
      {
        level: 'error',
        fact: `Go reads ${quote(whole)} as one group with that name, which is empty`,
        hint: `Write "\${${digits}}" before a letter.`,
      },
    ];
  if (/\\\d/.test(replacement))
    return [
      { level: 'error', fact: 'Go takes a backslash as it is', hint: 'Write "$1" for the first group.' },
    ];
  return tomlRemarks(replacement);
}

/**
 * K3s puts patterns and replacements between quotes without escaping (`pkg/agent/templates/templates.go`), so a backslash or a
 * quote makes a file that containerd cannot read.
 */
function tomlRemarks(text: string): readonly Remark[] {
  const found = /[\\"]/.exec(text)?.[0];
  if (found === undefined) return [];
  const what = found === '"' ? 'a quote' : 'a backslash';
  return [
    {
      level: 'error',
      fact: `K3s passes ${what} on to containerd as it is, and containerd then drops every mirror of this host`,
      hint: `Write a class in place of it, such as "[.]" for a dot or "[0-9]" for a digit.`,
    },
  ];
}
