import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL, type Files, filesOf, filesOfPlan, sealed } from '../../scripts/examples/content.ts';
import { textOf, withHeadFile } from '../../scripts/examples/forge.ts';
import { tarOf } from '../../scripts/examples/valid.ts';
import { memoryArchive } from '../../src/archive/memory.ts';
import { checkBundle } from '../../src/bundle/check/check.ts';
import type { Audience } from '../../src/bundle/format/item.ts';
import { decodeMissingList, encodeMissingList } from '../../src/bundle/plan/missing-list.ts';
import { readBundle } from '../../src/bundle/open.ts';
import { planBundle } from '../../src/bundle/plan/plan.ts';
import { isSaddlebagError } from '../../src/internal/error.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { encodeLock } from '../../src/spec/lock/encode.ts';
import { decodeReceipt, encodeReceipt, type Receipt } from '../../src/targets/receipts/receipt.ts';
import { NO_TRACES } from '../../src/targets/receipts/traces.ts';
import {
  DOCUMENT_MUTATION,
  type DocumentMutation,
  MUTATION,
  type Mutation,
  mutated,
  mutatedDocument,
} from '../support/archives/mutations.ts';
import { parseWholeLock, sampleLock } from '../support/samples/sample-lock.ts';
import { artifactSample } from '../support/samples/target-samples.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { namesUnder } from '../support/tree.ts';
import { install } from '../support/sites/install-lab.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_820);
const PATIENCE = 15_000;

/** A change to a text: to its bytes, or to what it says. */
const TEXT_CHANGE = fc.oneof(
  { weight: 1, arbitrary: MUTATION },
  { weight: 3, arbitrary: fc.array(DOCUMENT_MUTATION, { minLength: 1, maxLength: 3 }) },
);

function changedText(json: string, change: Mutation | readonly DocumentMutation[]): Buffer {
  if ('kind' in change) return mutated(Buffer.from(json), change);
  return Buffer.from(change.reduce((text, one) => mutatedDocument(text, one), json));
}

/** Runs a task; returns `undefined` when it fails with an error of ours. Any other error, and a hang, goes through. */
async function unlessRefused<T>(task: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await task();
  } catch (error) {
    const isRefusal =
      isSaddlebagError(error) && !['ERR_INTERRUPTED', 'ERR_INTERNAL_BUG'].includes(error.code);
    if (!isRefusal) throw error;
    return undefined;
  }
}

/**
 * Installs a bundle of these files where it can do no harm, and makes sure that nothing is written elsewhere. Returns how
 * many targets took it.
 */
async function installInside(files: Files): Promise<number> {
  let count = 0;
  using world = temporaryFolder();
  const at = (path: string): string => join(world.path, 'a', 'b', path);
  mkdirSync(at('home'), { recursive: true });
  writeFileSync(at('lab.tar'), tarOf(files));
  const targets = ['cache', 'kuberlr', 'node', 'files'];
  const base = { path: at('lab.tar'), env: {}, home: at('home'), host: { platform: 'linux', arch: 'x64' } };
  for (const target of [
    { targets: { 'rancher-desktop': at('cache') } },
    { targets: { kuberlr: at('kuberlr') } },
    { targets: { 'k3s-node': at('node') } },
    { targets: { files: at('files') } },
  ]) {
    const signal = AbortSignal.timeout(PATIENCE);
    const result = await unlessRefused(() => install({ ...base, ...target, signal }));
    if (result !== undefined) count += 1;
  }
  const inside = ['home', 'lab.tar', ...targets].map((name) => join('a', 'b', name));
  const outside = namesUnder(world.path).filter(
    (name) =>
      !['a', join('a', 'b'), ...inside].includes(name) &&
      !inside.some((one) => name.startsWith(join(one, '/'))),
  );
  expect(outside).toEqual([]);
  return count;
}

describe('a change to a document of the head', () => {
  const files = filesOf(ALL);
  const root = digestOf(files.get('bundle.json') ?? '');

  it.each(['bundle.json', 'index.json', 'manifest.json', 'oci-layout', 'SHA256SUMS'])(
    'such as %s is detected, or gives another root digest, even where all else is made to agree',
    { timeout: 60_000 },
    async (path) => {
      const text = textOf(files, path);
      const change: fc.Arbitrary<Mutation | readonly DocumentMutation[]> =
        path === 'SHA256SUMS' ? MUTATION : TEXT_CHANGE;
      await fc.assert(
        fc.asyncProperty(change, async (one) => {
          const bytes = changedText(text, one);
          fc.pre(bytes.toString('latin1') !== text);
          const forged = forge(files, path, bytes);
          const signal = AbortSignal.timeout(PATIENCE);
          const found = await unlessRefused(async () => {
            const bundle = await readBundle(memoryArchive(forged), { path: 'lab', signal });
            return { bundle, problems: await checkBundle(bundle, { signal }) };
          });
          if (found === undefined || found.problems.length > 0) return;
          expect(found.bundle.root).not.toBe(root);
          await installInside(forged);
        }),
        { numRuns: 250, seed: SEED },
      );
    },
  );
});

function forge(files: Files, path: string, bytes: Buffer): Files {
  if (path === 'SHA256SUMS') return new Map(files).set(path, bytes);
  if (path === 'bundle.json') return sealed(new Map(files).set(path, bytes));
  // As text it would be repaired: what is not UTF-8 must stay as it is.
  const forged = withHeadFile(files, path, bytes.toString());
  return Buffer.from(bytes.toString()).equals(bytes) ? forged : new Map(forged).set(path, bytes);
}

describe('a bundle with malicious names', () => {
  const hostile = fc.oneof(
    fc.string({ maxLength: 12, unit: 'binary' }),
    fc.constantFrom(
      '..',
      '../evil',
      '/etc/evil',
      'C:\\evil',
      'a/../../evil',
      '.',
      'CON',
      'k3s',
      'k3s-versions.json',
      'x:y',
    ),
    fc.constantFrom(
      'sha256sum-amd64.txt',
      'k3s-airgap-images-amd64.tar.zst',
      'install.sh',
      'kubectl',
      '~',
      '-rf',
      '$HOME',
    ),
    fc.stringMatching(/^[.]{0,3}[/\\]?[a-z]{0,3}[/\\]?[.]{0,3}$/),
  );
  const audience: readonly Audience[] = ['files', 'k3s-node', 'kuberlr', 'rancher-desktop'];
  // Legal on every system, and still no names that anybody would choose.
  const odd = fc.oneof(
    fc.stringMatching(/^[a-z~$;'&%=+-]{1,8}$/),
    fc.constantFrom(
      'kubectl',
      'k3s',
      'install.sh',
      '..a',
      '...x',
      '%2e%2e',
      '$(id)',
      '`id`',
      '--help',
      '.bashrc',
    ),
  );
  const file = fc.record({
    name: fc.oneof({ weight: 3, arbitrary: odd }, { weight: 1, arbitrary: hostile }),
    bytes: fc.constantFrom('x', '{}', '').map((text) => Buffer.from(text)),
  });
  const list = fc.uniqueArray(file, { minLength: 1, maxLength: 3, selector: ({ name }) => name });
  const named = fc.record({
    name: fc.oneof({ weight: 3, arbitrary: odd }, { weight: 1, arbitrary: hostile }),
    version: fc.oneof(hostile, fc.constant('1.30.6')),
    platform: fc.oneof(hostile, fc.constant('linux/amd64')),
  });

  it('is refused, or installed without a file outside of its targets', { timeout: 60_000 }, async () => {
    const kinds = fc.constantFrom(
      'file' as const,
      'file' as const,
      'file' as const,
      'k3s' as const,
      'k3s-versions' as const,
      'kubectl' as const,
    );
    let installed = 0;
    await fc.assert(
      fc.asyncProperty(kinds, named, list, async (kind, { name, version, platform }, contents) => {
        const base = { name, audience };
        const more = {
          file: {},
          k3s: { architectures: ['amd64'] },
          'k3s-versions': {},
          kubectl: { version, platform },
        };
        const item =
          kind === 'kubectl'
            ? { kind, ...base, ...more.kubectl }
            : kind === 'k3s'
              ? { kind, ...base, ...more.k3s }
              : { kind, ...base };
        const sample = artifactSample(item, contents);
        installed += await installInside(filesOfPlan(planBundle('lab', [sample.planned]), [sample]));
      }),
      { numRuns: 150, seed: SEED },
    );
    // Otherwise this would prove nothing.
    expect(installed).toBeGreaterThan(10);
  });
});

describe('a change to a document that is not part of a bundle', () => {
  const receipt: Receipt = {
    ...NO_TRACES,
    createdAt: '2026-08-20T14:05:00.000Z',
    root: digestOf('bundle'),
    name: 'lab',
    complete: true,
    targets: [{ target: 'files', place: '/srv' }],
    items: [{ kind: 'file', name: 'x', destination: '/srv/x' }],
    paths: ['/srv/x'],
    references: [{ reference: 'localhost:5000/rancher/rancher:v2.9.2', digest: digestOf('image') }],
    blobs: [digestOf('a'), digestOf('b')],
  };
  const missing = {
    root: digestOf('bundle'),
    name: 'lab',
    files: ['index.json'],
    blobs: [{ digest: digestOf('a'), size: 1 }],
  };
  const documents: readonly [string, string, (bytes: Buffer) => string][] = [
    [
      'a lock',
      encodeLock(sampleLock()),
      (bytes) => encodeLock(parseWholeLock(bytes.toString(), 'lab.lock.json')),
    ],
    ['a receipt', textIn(encodeReceipt(receipt)), (bytes) => textIn(encodeReceipt(decodeReceipt(bytes)))],
    [
      'a list of what is missing',
      textIn(encodeMissingList(missing)),
      (bytes) => textIn(encodeMissingList(decodeMissingList(bytes, 'x'))),
    ],
  ];

  it.each(documents)('such as %s is refused, or means what it says', async (_, text, again) => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(TEXT_CHANGE, async (change) => {
        const read = await unlessRefused(() => again(changedText(text, change)));
        // Written and read again it is the same: nothing of it was taken for something else.
        expect(read === undefined ? read : again(Buffer.from(read))).toBe(read);
        if (read !== undefined && read !== text) accepted += 1;
      }),
      { numRuns: 400, seed: SEED },
    );
    expect(accepted).toBeGreaterThan(0);
  });
});

function textIn(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}
