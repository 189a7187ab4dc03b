import { assert, asyncProperty, constantFrom, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../src/cli/command-line.ts';
import { pageOf } from '../../src/cli/page-of.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { InstallCommand } from '../../src/cli/commands/install.ts';
import { loadPages } from '../../src/cli/pages.ts';
import { runInMemory } from '../support/process/cli.ts';

const page = pageOf('install', InstallCommand);

describe('a command line', () => {
  it.each([
    [
      ['a', '--k3s-node'],
      ['--kds-node', '--', 'a'],
    ],
    [
      ['--k3s-node=/r=1', 'a'],
      ['--kds-node=/r=1', '--', 'a'],
    ],
    [
      ['--kuberlr=/k3s-node=', 'a'],
      ['--kuberlr=/k3s-node=', '--', 'a'],
    ],
    [
      ['a', '--files', 'd', '--dry-run'],
      ['--files=d', '--dry-run', '--', 'a'],
    ],
    [
      ['--files', '-', 'a'],
      ['--files=-', '--', 'a'],
    ],
    [
      ['--files=', 'a'],
      ['--files=', '--', 'a'],
    ],
    [
      ['--', '--k3s-node=/x'],
      ['--', '--k3s-node=/x'],
    ],
    [['-'], ['--', '-']],
  ])('%j is told to the library as %j', (words, told) => {
    expect(readCommandLine(words, page)).toEqual({ words: told });
  });

  it.each([
    [['a', '--dryrun'], { type: 'unknown-option', name: '--dryrun' }],
    [['a', '--no-json'], { type: 'unknown-option', name: '--no-json' }],
    [['a', '--kds-node'], { type: 'unknown-option', name: '--kds-node' }],
    [['a', '-qv'], { type: 'unknown-option', name: '-qv' }],
    [['a', '--files', '--nope'], { type: 'unknown-option', name: '--nope' }],
    [['a', '--json=1'], { type: 'needless-value', name: '--json' }],
    [['a', '--files'], { type: 'missing-value', name: '--files' }],
    [['a', '--files', '--json'], { type: 'missing-value', name: '--files' }],
    [[], { type: 'missing-argument', name: 'BUNDLE' }],
    [['--json'], { type: 'missing-argument', name: 'BUNDLE' }],
    [['a', 'b'], { type: 'needless-argument', argument: 'b' }],
    [['a', '--kuberlr', '/x'], { type: 'untied-value', name: '--kuberlr', value: '/x' }],
    [['a', '--k3s-node', '/x'], { type: 'untied-value', name: '--k3s-node', value: '/x' }],
  ])('%j is refused as %j', (words, fault) => {
    expect(readCommandLine(words, page)).toEqual({ fault });
  });

  it('hands every value on as it was written, whatever is in it', async () => {
    // No system hands over a NUL in an argument.
    const words = string({ unit: 'binary' }).filter((text) => !text.includes('\0'));
    await assert(
      asyncProperty(words, constantFrom('=', ' '), async (value, tie) => {
        let seen: unknown;
        const told = tie === '=' ? [`--k3s-node=${value}`, `--files=${value}`] : ['--files', `/${value}`];
        await runInMemory(['install', ...told, '--', value], {
          verbs: {
            installBundle: async (options) => {
              seen = options;
              throw new Error('that is all');
            },
          },
        });
        const targets = tie === '=' ? { 'k3s-node': value, files: value } : { files: `/${value}` };
        expect(seen).toMatchObject({ targets, path: value });
      }),
    );
  });

  it('is read or refused, and never a surprise', () => {
    assert(
      property(string(), string(), string(), (...words) => {
        const read = readCommandLine(words, page);
        expect('fault' in read || read.words.includes('--')).toBe(true);
      }),
    );
  });
});

describe('the list of commands', () => {
  it('calls each what its class is called', async () => {
    for (const [name, load] of Object.entries(COMMANDS)) expect((await load()).paths).toEqual([[name]]);
  });

  it('says of every command what it does, and of every option what its value is', async () => {
    for (const { description, options, positionals, usage } of await loadPages()) {
      expect(description).not.toBe('');
      for (const option of options) {
        expect(option.description).not.toBe('');
        expect(option.names.at(-1)).toMatch(/^--[a-z0-9]+(-[a-z0-9]+)*$/);
      }
      for (const { name } of positionals) expect(usage).toContain(name);
    }
  });

  it('declares an option once, in every spelling that the library is told', async () => {
    for (const { options } of await loadPages()) {
      const names = options.flatMap((option) => option.names);
      const told = names.map((name) => name.replace(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit))));
      expect(new Set(told).size).toBe(names.length);
    }
  });
});
