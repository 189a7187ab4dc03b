import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { offerFor } from '../../../src/cli/completion/values.ts';
import { loadPages } from '../../../src/cli/pages.ts';
import { compareText } from '../../../src/internal/order.ts';
import { peer } from '../../support/peers/peers.ts';
import { runInMemory } from '../../support/process/cli.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** What is typed, and what a shell offers for its last word, sorted. */
const TYPED: readonly (readonly [words: readonly string[], offered: readonly string[]])[] = [
  [['ver'], ['verify', 'version']],
  [
    ['build', '--format', ''],
    ['dir', 'tar', 'zip'],
  ],
  [['--json', 'verify', '--missing'], ['--missing-to']],
  [['completion', 'z'], ['zsh']],
  [['help', 'unin'], ['uninstall']],
  [['config', 'hosts'], ['hosts.toml']],
];

async function scriptFor(shell: string): Promise<string> {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const { status, stdout } = await runInMemory(['completion', shell]);
  expect(status).toBe(0);
  const path = join(folder.path, `bundle.${shell}`);
  writeFileSync(path, stdout);
  return path;
}

describe('the completion of bash', () => {
  const bash = peer('bash') ?? '';

  it.runIf(bash !== '').each(TYPED)('offers for %j: %j', async (words, offered) => {
    const program =
      'source "$1"; shift; COMP_WORDS=(bundle "$@"); COMP_CWORD=$#; _bundle; printf "%s\\n" "${COMPREPLY[@]}"';
    const printed = execFileSync(bash, ['-c', program, 'bash', await scriptFor('bash'), ...words], {
      encoding: 'utf8',
    });
    expect(linesOf(printed)).toEqual(offered);
  });

  it.runIf(bash !== '')('knows a value behind "=", which bash takes for a word', async () => {
    const program =
      'source "$1"; COMP_WORDS=(bundle build --format = z); COMP_CWORD=4; _bundle; echo "${COMPREPLY[@]}"';
    expect(execFileSync(bash, ['-c', program, 'bash', await scriptFor('bash')], { encoding: 'utf8' })).toBe(
      'zip\n',
    );
  });
});

describe('the completion of fish', () => {
  const fish = peer('fish') ?? '';

  it.runIf(fish !== '').each(TYPED)('offers for %j: %j', async (words, offered) => {
    const program = 'source $argv[1]; complete -C "bundle $argv[2]"';
    const printed = execFileSync(
      fish,
      ['--no-config', '-c', program, await scriptFor('fish'), words.join(' ')],
      {
        encoding: 'utf8',
      },
    );
    expect(linesOf(printed).map((line) => line.split('\t')[0])).toEqual(offered);
  });
});

describe('the completion of zsh', () => {
  const zsh = peer('zsh') ?? '';

  it.runIf(zsh !== '')('is read by zsh, and is what completes both names', async () => {
    const program =
      'autoload -U compinit; compinit -D -u; source $1; print $_comps[bundle] $_comps[saddlebag]';
    const path = await scriptFor('zsh');
    execFileSync(zsh, ['-f', '-n', path]);
    expect(execFileSync(zsh, ['-f', '-c', program, 'zsh', path], { encoding: 'utf8' })).toBe(
      '_bundle _bundle\n',
    );
  });
});

describe('every script', () => {
  it.each(['bash', 'zsh', 'fish', 'powershell'])('has all commands and options: %s', async (shell) => {
    const { stdout } = await runInMemory(['completion', shell]);
    for (const { name, options } of await loadPages()) {
      expect(stdout).toContain(name);
      for (const { names } of options) expect(stdout).toContain((names.at(-1) ?? '').slice(2));
    }
  });

  it('knows of each value whether it is a path', async () => {
    const values = (await loadPages()).flatMap(({ options, positionals }) => [
      ...options.map(({ value, choices }) => ({ name: value, choices })),
      ...positionals,
    ]);
    const other = values.filter(
      ({ name, choices }) => name !== undefined && offerFor(name, choices).type === 'nothing',
    );
    // Whatever is new here is a path after all, or it is added.
    expect([...new Set(other.map(({ name = '' }) => name))].sort(compareText)).toEqual([
      'COMMAND',
      'HOST',
      'HOST:PORT',
      'HOST[:PORT][/PREFIX]',
      'N',
      'NAME',
      'NAME[=WHERE]',
      'OS/ARCH',
      'OS/ARCH,…',
      'PERCENT',
      'REF',
      'REGEX=>REPLACEMENT',
      'SIZE',
      'TAG',
      'TIMESTAMP',
      'URL',
      'VERSION',
    ]);
  });

  it('is of a shell that there is', async () => {
    const { status, stderr } = await runInMemory(['completion', 'tcsh']);
    expect(status).toBe(2);
    expect(stderr).toContain('Cannot use SHELL "tcsh": expected bash, zsh, fish, powershell');
  });
});

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}
