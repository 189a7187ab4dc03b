import { formatCount } from '../../internal/format.ts';
import type { MirrorRepository, TreeResult } from '../../verbs/convert.ts';
import type { NextStep } from '../outcome.ts';
import { commandLine, nameOf } from './command.ts';

/** More commands than this are too many to read. */
const MANY = 8;

/** Returns what comes after a tree of `oc` was written: it is carried, and each of its repositories is mirrored. */
export function mirrorSteps({ path, paths, repositories }: TreeResult): readonly NextStep[] {
  const commands = repositories.flatMap((repository) => commandsOf(path, repository));
  const shown = commands.slice(0, MANY);
  const more = commands.length - shown.length;
  const [first, ...others] = shown;
  if (first === undefined) return [];
  return [
    {
      text: `carry ${nameOf(path)} across with its links, in a tar if need be; over there, with oc`,
      command: first,
      paths,
    },
    ...others.map((command) => ({ text: 'mirror the next repository', command })),
    ...(more === 0
      ? []
      : [{ text: `and ${formatCount(more, 'more command')} like these; --json lists every repository` }]),
  ];
}

function commandsOf(path: string, { name, tags, untagged, lists }: MirrorRepository): readonly string[] {
  const mirror = (source: string): string =>
    commandLine('oc', [
      'image',
      'mirror',
      `--from-dir=${nameOf(path)}`,
      lists ? '--keep-manifest-list=true' : undefined,
      source,
      `REGISTRY/${name}`,
    ]);
  const source = `file://${sourceOf(name)}`;
  return [
    ...(tags.length === 0 ? [] : [mirror(`${source}:*`)]),
    ...untagged.map((digest) => mirror(`${source}@${digest}`)),
  ];
}

/** `oc` takes a first part with a dot for a host, which is no folder of the tree: then it gets another one to drop. */
function sourceOf(name: string): string {
  return /^(?:localhost|[^/]*\.[^/]*)\//.test(name) ? `localhost/${name}` : name;
}
