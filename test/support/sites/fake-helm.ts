import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What stands in for helm where there is none: a script of its name, alone on a PATH with the system's own programs. */
export interface FakeHelm {
  readonly env: Readonly<Record<string, string>>;
  /** Where it writes down its arguments and the folders it was given. */
  readonly log: string;
}

/** Puts a `helm` into a folder that writes `output` for `helm template` and ends with `status`. */
export function fakeHelm(
  folder: string,
  answer: { readonly output?: string; readonly status?: number; readonly words?: string },
): FakeHelm {
  const { output = '', status = 0, words = '' } = answer;
  const bin = join(folder, 'bin');
  const log = join(folder, 'helm.log');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(folder, 'output'), output);
  writeFileSync(join(folder, 'words'), words);
  const script = [
    '#!/bin/sh',
    `echo "$@" > '${log}'`,
    `echo "$HELM_PLUGINS" >> '${log}'`,
    `head -c 2 "$3" | od -An -tx1 >> '${log}'`,
    `cat '${join(folder, 'output')}'`,
    `cat '${join(folder, 'words')}' >&2`,
    `exit ${status}`,
    '',
  ].join('\n');
  writeFileSync(join(bin, 'helm'), script);
  chmodSync(join(bin, 'helm'), 0o755);
  return { env: { PATH: [bin, '/usr/bin', '/bin'].join(delimiter) }, log };
}
