import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeReceipt } from '../../src/targets/receipts/receipt.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';
import { fileSample } from '../support/samples/target-samples.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { filesUnder, namesUnder } from '../support/tree.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');

/** The folder of a system that the product does not know: plain files, each in a locker of its own. */
const KIND = `
import { join } from 'node:path';
import type { Bundle } from '../../bundle/bundle.ts';
import { givenFolder } from '../given-folder.ts';
import { itemsFor, onlyFileOf } from '../item-files.ts';
import type { TargetKind, TargetOption } from '../kind.ts';
import { fileTarget, proveFile } from '../placed-files.ts';
import type { Target } from '../target.ts';
import { fileRemovals } from '../uninstall/files.ts';

const OPTION: TargetOption = { name: 'locker', form: 'list', value: 'DIR', help: 'lock the files up there; may be repeated' };
const LABEL: TargetOption = { name: 'locker-label', form: 'value', value: 'TEXT', help: 'what stands on the doors' };

export const locker: TargetKind = {
  name: 'locker',
  option: OPTION,
  settings: [LABEL],
  isDefault: false,
  isOnDisk: true,
  content: 'files to lock up',
  isForPlatform: false,
  holds: (bundle) => itemsFor(bundle, 'file', 'files').length > 0,
  async make(bundle, { places, setting }) {
    const [label = 'door'] = setting(LABEL.name);
    return places.map((place) => lockers(bundle, givenFolder(place === true ? '' : place, OPTION), label));
  },
  async takeBack(left, options) {
    return fileRemovals(left, { target: 'locker' }, options);
  },
};

function lockers(bundle: Bundle, folder: string, label: string): Target {
  const at = { target: 'locker', folder };
  return fileTarget(bundle, at, {
    folders: [folder],
    load: async (wait) => ({
      findings: [],
      things: await Promise.all(
        itemsFor(bundle, 'file', 'files').map(async (item) => ({
          item, kind: item.kind, name: item.name, mode: 0o600,
          file: await onlyFileOf(bundle, item, wait),
          path: join(folder, \`\${label}-\${item.name}\`, item.name),
        })),
      ),
    }),
    prove: async (files, wait) => await Promise.all(files.map(async (file) => await proveFile(file, at, wait))),
  });
}
`;

let scratch: ReturnType<typeof temporaryFolder>;

/** The program as it is, with one folder and one line more. */
beforeAll(() => {
  scratch = temporaryFolder();
  for (const name of ['src', 'package.json']) cpSync(join(REPOSITORY, name), at(name), { recursive: true });
  symlinkSync(join(REPOSITORY, 'node_modules'), at('node_modules'));
  mkdirSync(at('src/targets/locker'));
  writeFileSync(at('src/targets/locker/kind.ts'), KIND);
  const list = at('src/targets/targets.ts');
  const text = readFileSync(list, 'utf8');
  writeFileSync(
    list,
    text
      .replace(/= \[(?=\s*rancherDesktop)/, '= [locker, ')
      .concat("import { locker } from './locker/kind.ts';\n"),
  );
  writeFileSync(at('lab.tar'), sampleBundle([fileSample('tool'), fileSample('other')]).tar);
});
afterAll(() => scratch[Symbol.dispose]());

describe('a target that is a folder and a line', () => {
  it('compiles as strictly as all others', { timeout: 120_000 }, async () => {
    const config = {
      extends: join(REPOSITORY, 'tsconfig.json'),
      files: ['src/targets/targets.ts'],
      include: [],
    };
    writeFileSync(at('tsconfig.json'), JSON.stringify(config));
    const compiler = join(REPOSITORY, 'node_modules/.bin/tsc');
    const { stdout } = await promisify(execFile)(compiler, ['--noEmit', '--project', at('tsconfig.json')]);
    expect(stdout).toBe('');
  });

  it('is in the help of install, its own option and its settings', async () => {
    const { stdout } = await bundle('install', '--help');
    expect(stdout).toMatch(/^ {2}--locker DIR +lock the files up there; may be repeated$/m);
    expect(stdout).toMatch(/^ {2}--locker-label TEXT +what stands on the doors$/m);
  });

  it('is installed, written down and taken back', async () => {
    const argv = ['--locker', at('a'), '--locker', at('b'), '--locker-label', 'box'];
    const installed: unknown = JSON.parse((await bundle('install', at('lab.tar'), ...argv, '--json')).stdout);
    expect(installed).toMatchObject({
      actions: [
        { target: 'locker', destination: at('a/box-other/other'), outcome: 'placed' },
        { target: 'locker', destination: at('a/box-tool/tool'), outcome: 'placed' },
        { target: 'locker', destination: at('b/box-other/other'), outcome: 'placed' },
        { target: 'locker', destination: at('b/box-tool/tool'), outcome: 'placed' },
      ],
    });
    expect(filesUnder(at('a'))).toEqual({
      'box-other/other': 'content of other\n',
      'box-tool/tool': 'content of tool\n',
    });
    const folder = at('home/.local/state/saddlebag/receipts');
    const [name = ''] = namesUnder(folder);
    const receipt = decodeReceipt(readFileSync(join(folder, name)));
    expect(receipt.targets).toEqual([
      { target: 'locker', place: at('a') },
      { target: 'locker', place: at('b') },
    ]);
    expect(receipt.paths).toHaveLength(4);
    await bundle('uninstall', join(folder, name));
    expect([existsSync(at('a')), existsSync(at('b'))]).toEqual([false, false]);
  });

  it('is named in what is wrong with a command line, and where a bundle has something for it alone', async () => {
    expect((await failure('install', at('lab.tar'), '--loker', at('a'))).stderr).toContain(
      'Did you mean "--locker"?',
    );
    expect((await failure('install', at('lab.tar'))).stderr).toContain(
      'hint: It has something for --locker DIR, --files DIR.',
    );
    writeFileSync(at('empty.tar'), sampleBundle([]).tar);
    expect((await failure('install', at('empty.tar'), '--locker', at('a'))).stderr).toContain(
      'to target "locker": it holds no files to lock up',
    );
  });
});

function at(path: string): string {
  return join(scratch.path, path);
}

async function bundle(
  ...argv: readonly string[]
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const env = { ...process.env, HOME: at('home'), XDG_STATE_HOME: '' };
  return await promisify(execFile)(process.execPath, [at('src/main.ts'), ...argv], { env });
}

async function failure(...argv: readonly string[]): Promise<{ readonly stderr: string }> {
  const error: unknown = await bundle(...argv).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const isTold = error instanceof Error && 'stderr' in error && typeof error.stderr === 'string';
  return { stderr: isTold ? String(error.stderr) : '' };
}
