import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT_STATUS } from '../src/internal/error-code.ts';
import { hintsIn } from './support/house/hints.ts';

const ROOT = join(import.meta.dirname, '..');
const page = readFileSync(join(ROOT, 'docs', 'errors.md'), 'utf8');
const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(ROOT, 'src', file), 'utf8') }));

describe('docs/errors.md', () => {
  it('documents every code once, under its exit status', () => {
    expect(documented()).toEqual(Object.entries(EXIT_STATUS).map(([code, status]) => ({ code, status })));
  });

  it('says of every code what it means', () => {
    const sections = page.split(/^### /m).slice(1);
    for (const section of sections) expect(section.replace(/^.*$/m, '').trim().length).toBeGreaterThan(40);
  });

  it('has a row for every exit status', () => {
    const rows = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, status]) => Number(status));
    expect(rows).toEqual([0, ...new Set(Object.values(EXIT_STATUS))]);
  });
});

describe('the messages of errors', () => {
  const messages = sources.flatMap(({ file, text }) => literalsIn(text).map((found) => ({ file, ...found })));

  it('are found by this test', () => {
    expect(messages.length).toBeGreaterThan(20);
  });

  it('begin with what was attempted, with a capital letter', () => {
    // Where a message begins with a variable, the beginning is a literal somewhere else.
    expect(messages.filter(({ message }) => !/^(?:Cannot [a-z$]|\$\{)/.test(message))).toEqual([]);
  });

  it('say what is the case behind a colon, unless the problems that follow say it', () => {
    const single = messages.filter(({ kind }) => kind === 'SaddlebagError');
    expect(single.filter(({ message }) => !/: |^\$\{/.test(message))).toEqual([]);
  });

  it('end without a period and use no contractions', () => {
    expect(messages.filter(({ message }) => /\.$|n't\b/.test(message))).toEqual([]);
  });

  it('use no code outside the table', () => {
    const used = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/Error\(\s*'(ERR_[A-Z_]+)'/g)].map(([, code = '']) => ({ file, code })),
    );
    expect(used.filter(({ code }) => !Object.hasOwn(EXIT_STATUS, code))).toEqual([]);
  });
});

/** What is to be copied ends a hint as it is, behind a colon: a command, an option, an address, or what was inserted. */
const COPIED =
  /: (?:(?:bundle|bunzip2|codesign|export|gpg|gunzip|htpasswd|openssl|printf|tar|unxz|zstd) |-{1,2}\w|(?:https?|oci):\/\/|…+$)/;

describe('the hints of errors and findings', () => {
  const hints = sources.flatMap(({ file, text }) => hintsIn(text).map((hint) => ({ file, hint })));

  it('are found by this test', () => {
    expect(hints.length).toBeGreaterThan(200);
  });

  it('are sentences that end with a period or a question mark, unless with something to copy', () => {
    const open = hints.filter(({ hint }) => !/[.?](?: ?…)?$/.test(hint));
    expect(open.filter(({ hint }) => !COPIED.test(hint))).toEqual([]);
  });

  it('use no contractions', () => {
    expect(hints.filter(({ hint }) => /n't\b/.test(hint))).toEqual([]);
  });
});

function documented(): { code: string; status: number }[] {
  const found: { code: string; status: number }[] = [];
  let status = -1;
  for (const line of page.split('\n')) {
    const chapter = /^## (\d+):/.exec(line);
    if (chapter !== null) status = Number(chapter[1]);
    const code = /^### `(ERR_[A-Z_]+)`$/.exec(line)?.[1];
    if (code !== undefined) found.push({ code, status });
  }
  return found;
}

/** Returns the messages written as one literal right behind a code; a message built elsewhere is seen where it is shown. */
function literalsIn(text: string): { kind: string; message: string }[] {
  const pattern =
    /new (SaddlebagError|ProblemsError)\(\s*(?:'ERR_[A-Z_]+'|[\w.]+),\s*(?:'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`)/g;
  return [...text.matchAll(pattern)].map(([, kind = '', single, template]) => ({
    kind,
    message: single ?? template ?? '',
  }));
}
