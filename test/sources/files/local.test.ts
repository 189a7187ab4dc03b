import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { planBundle } from '../../../src/bundle/plan/plan.ts';
import { digestOf, hexOf } from '../../../src/oci/digest.ts';
import { locked } from '../../../src/sources/locked.ts';
import { recorded } from '../../../src/sources/recorded.ts';
import type { SourceContext } from '../../../src/sources/source.ts';
import { encodeLock } from '../../../src/spec/lock/encode.ts';
import { parseWholeLock } from '../../support/samples/sample-lock.ts';
import { plannedFiles } from '../../support/planned/layers.ts';
import { startBench } from '../../support/sites/source-context.ts';
import { resolveDocument, type SpecDocument } from '../../support/sites/spec-document.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { problemsOf } from '../../support/thrown.ts';

/** A folder as people have it. */
function makeScripts(at: string): void {
  mkdirSync(join(at, 'scripts', 'lib', 'empty'), { recursive: true });
  writeFileSync(join(at, 'scripts', 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(at, 'scripts', 'lib', 'größe.txt'), 'one\n');
  symlinkSync('run.sh', join(at, 'scripts', 'start'));
  symlinkSync('../start', join(at, 'scripts', 'lib', 'start'));
  symlinkSync('lib', join(at, 'scripts', 'current'));
}

interface Desk {
  readonly folder: string;
  readonly context: SourceContext;
}

async function desk(): Promise<Desk> {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const bench = await startBench();
  onTestFinished(() => bench[Symbol.asyncDispose]());
  return { folder: folder.path, context: bench.context };
}

async function rootOf(document: SpecDocument, { folder, context }: Desk): Promise<string> {
  return planBundle('lab', await resolveDocument(document, context, folder)).root;
}

const SCRIPTS = { files: [{ path: './scripts' }] };

describe('a file of this host', () => {
  it('is an item by the last part of its path', async () => {
    const { folder, context } = await desk();
    writeFileSync(join(folder, 'tool'), 'a tool\n');
    const [planned] = await resolveDocument({ files: [{ path: 'tool' }] }, context, folder);
    expect(planned?.item).toMatchObject({ kind: 'file', name: 'tool', audience: ['files'] });
    expect(plannedFiles(planned)).toMatchObject([
      {
        name: 'tool',
        descriptor: { digest: digestOf('a tool\n'), size: 7 },
        origin: { type: 'file', path: join(folder, 'tool') },
      },
    ]);
  });

  it('may have a name of its own, and a checksum that it must have', async () => {
    const { folder, context } = await desk();
    writeFileSync(join(folder, 'tool'), 'a tool\n');
    const sha256 = hexOf(digestOf('a tool\n'));
    const file = { path: 'tool', name: 'other', sha256 };
    const [planned] = await resolveDocument({ files: [file] }, context, folder);
    expect(planned?.item.name).toBe('other');
    const wrong = { files: [{ ...file, sha256: '0'.repeat(64) }] };
    expect(await problemsOf(resolveDocument(wrong, context, folder))).toEqual([
      expect.stringContaining('ERR_DIGEST_MISMATCH Cannot verify "tool": expected'),
    ]);
  });
});

describe('a folder of this host', () => {
  it('is one item with files, links and what is empty in it', async () => {
    const { folder, context } = await desk();
    makeScripts(folder);
    const [planned] = await resolveDocument(SCRIPTS, context, folder);
    const root = planned?.blobs.at(-1)?.origin;
    const manifest: { layers: { annotations: Record<string, string> }[] } = JSON.parse(
      root?.type === 'bytes' ? Buffer.from(root.bytes).toString() : '{}',
    );
    const [title, file] = ['org.opencontainers.image.title', 'dev.saddlebag.file.'];
    expect(manifest.layers.map(({ annotations }) => annotations)).toEqual([
      { [title]: 'scripts/current', [`${file}link`]: 'lib' },
      { [title]: 'scripts/lib/empty', [`${file}folder`]: 'true' },
      { [title]: 'scripts/lib/größe.txt' },
      { [title]: 'scripts/lib/start', [`${file}link`]: '../start' },
      { [title]: 'scripts/run.sh', [`${file}executable`]: 'true' },
      { [title]: 'scripts/start', [`${file}link`]: 'run.sh' },
    ]);
  });

  it('gives the same bundle wherever it is, whenever it was made, and by whom', async () => {
    const first = await desk();
    makeScripts(first.folder);
    const root = await rootOf(SCRIPTS, first);
    const second = await desk();
    makeScripts(second.folder);
    // Made in another order, touched, and readable by fewer.
    renameSync(join(second.folder, 'scripts', 'run.sh'), join(second.folder, 'x'));
    renameSync(join(second.folder, 'x'), join(second.folder, 'scripts', 'run.sh'));
    utimesSync(join(second.folder, 'scripts', 'lib'), 1, 1);
    chmodSync(join(second.folder, 'scripts', 'run.sh'), 0o4700);
    expect(await rootOf(SCRIPTS, second)).toBe(root);
    chmodSync(join(second.folder, 'scripts', 'run.sh'), 0o600);
    expect(await rootOf(SCRIPTS, second)).not.toBe(root);
  });

  it.each([
    ['that leaves', '../../etc/passwd', 'not inside it'],
    ['with an absolute path', '/etc/passwd', 'not inside it'],
    ['to nothing', 'gone', 'not there'],
    ['to itself', 'link', 'without an end'],
    ['to the folder that it is in', '../scripts', 'leads back'],
  ])('is refused with a link %s', async (_, target, fact) => {
    const { folder, context } = await desk();
    mkdirSync(join(folder, 'scripts'));
    symlinkSync(target, join(folder, 'scripts', 'link'));
    expect(await problemsOf(resolveDocument(SCRIPTS, context, folder))).toEqual([
      expect.stringMatching(new RegExp(`^ERR_SPEC_INVALID Cannot take "./scripts".*${fact}`)),
    ]);
  });

  it('is refused with what is no file, with names that are none elsewhere, and where nothing is', async () => {
    const { folder, context } = await desk();
    mkdirSync(join(folder, 'pipes'));
    execFileSync('mkfifo', [join(folder, 'pipes', 'pipe')]);
    mkdirSync(join(folder, 'names'));
    writeFileSync(join(folder, 'names', 'a:b'), '');
    mkdirSync(join(folder, 'twins'));
    for (const name of ['a', 'A']) writeFileSync(join(folder, 'twins', name), '');
    const deep = join(folder, 'deep', ...Array.from({ length: 30 }, () => 'a-folder'));
    mkdirSync(deep, { recursive: true });
    for (const [path, fact] of [
      ['pipes', 'neither a file, a folder nor a link'],
      ['names', 'character ":"'],
      ['twins', 'treat the two as one'],
      ['deep', 'longer than 255'],
      ['gone', 'there is no such file'],
    ] as const) {
      const [problem = ''] = await problemsOf(resolveDocument({ files: [{ path }] }, context, folder));
      expect(problem).toContain(`ERR_SPEC_INVALID Cannot take "${path}"`);
      expect(problem).toContain(fact);
    }
  });

  it('is refused with more files than its manifest can list, without looking at all of them', async () => {
    const { folder, context } = await desk();
    mkdirSync(join(folder, 'many'));
    for (let count = 0; count <= 10_000; count++) mkdirSync(join(folder, 'many', `f${count}`));
    const [problem = ''] = await problemsOf(resolveDocument({ files: [{ path: 'many' }] }, context, folder));
    expect(problem).toContain('more than 10000 files are in it');
  });

  it('and a file of one name are refused', async () => {
    const { folder, context } = await desk();
    makeScripts(folder);
    writeFileSync(join(folder, 'x'), '');
    const files = [{ path: 'scripts' }, { path: 'x', name: 'Scripts' }];
    const [problem = ''] = await problemsOf(resolveDocument({ files }, context, folder));
    expect(problem).toContain('Cannot name file "x" "Scripts": "scripts" has that name');
  });
});

describe('the lock', () => {
  it('has the digest of what is local, and tells of what changed since, who may run it included', async () => {
    const { folder, context } = await desk();
    makeScripts(folder);
    writeFileSync(join(folder, 'tool'), 'a tool\n', { mode: 0o755 });
    const document = { files: [{ path: './scripts' }, { path: 'tool' }] };
    const recording = recorded(context);
    const items = await resolveDocument(document, { ...context, ...recording }, folder);
    const text = encodeLock(recording.lockOf('lab'));
    const lines = items.map(({ item }) => `    "${item.name}": { "digest": "${item.descriptor.digest}" }`);
    expect(text).toContain(`  "files": {\n${lines.join(',\n')}\n  }`);
    const questions = locked(parseWholeLock(text, 'lab.lock.json'), context);
    const again = async (): Promise<readonly string[]> =>
      await problemsOf(resolveDocument(document, { ...context, ...questions }, folder));
    expect(await resolveDocument(document, { ...context, ...questions }, folder)).toEqual(items);
    for (const change of [
      () => appendFileSync(join(folder, 'scripts', 'run.sh'), '# more\n'),
      () => rmSync(join(folder, 'scripts', 'lib', 'empty'), { recursive: true }),
      () => chmodSync(join(folder, 'tool'), 0o644),
    ]) {
      change();
      const problems = await again();
      expect(problems.length).toBeGreaterThan(0);
      for (const problem of problems)
        expect(problem).toMatch(/^ERR_DIGEST_MISMATCH Cannot use .* as it was locked/);
    }
    expect(await again()).toHaveLength(2);
    const more = { files: [...document.files, { path: 'tool', name: 'new' }] };
    expect((await problemsOf(resolveDocument(more, { ...context, ...questions }, folder))).join()).toContain(
      'ERR_LOCK_INCOMPLETE Cannot resolve file "new"',
    );
  });
});
