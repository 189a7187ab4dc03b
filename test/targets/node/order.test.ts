import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { k3sNodeTarget } from '../../../src/targets/k3s-node/k3s-node.ts';
import { rke2NodeTarget } from '../../../src/targets/rke2-node/rke2-node.ts';
import type { Target } from '../../../src/targets/target.ts';
import { artifactSample, bundleOf, k3sSample } from '../../support/samples/target-samples.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { thrownBy } from '../../support/thrown.ts';

const K3S = ['v1.28.15+k3s1', 'v1.29.14+k3s1', 'v1.30.6+k3s1'];
const RKE2 = ['v1.28.15+rke2r1', 'v1.30.6+rke2r1'];
const FLAG = 'github.com/k3s-io/k3s/pkg/version.Version=';

/** A program as Go builds it: the flags of the build are in it, as text. */
function program(version: string, before = 0): Buffer {
  const flags = `build\t-ldflags="-X sigs.k8s.io/cri-tools/pkg/version.Version=v1.29.0 -X ${FLAG}${version} -w -s"\n`;
  return Buffer.concat([Buffer.alloc(before, 7), Buffer.from(flags), Buffer.alloc(100, 7)]);
}

/** A root with files, and links where the text begins with an arrow. */
function rootWith(files: Readonly<Record<string, string | Buffer>>): string {
  const scratch = temporaryFolder();
  onTestFinished(() => scratch[Symbol.dispose]());
  const root = join(scratch.path, 'root');
  mkdirSync(root);
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    if (typeof content === 'string' && content.startsWith('-> ')) symlinkSync(content.slice(3), path);
    else writeFileSync(path, content);
  }
  return root;
}

interface NodeWish {
  readonly version?: string;
  readonly isOutOfOrder?: boolean;
}

async function k3sNode(
  files: Readonly<Record<string, string | Buffer>>,
  wish: NodeWish = {},
): Promise<Target> {
  const bundle = await bundleOf(K3S.map((tag) => k3sSample(tag)));
  return k3sNodeTarget(bundle, { root: rootWith(files), architecture: 'amd64', ...wish });
}

async function rke2Node(
  files: Readonly<Record<string, string | Buffer>>,
  wish: NodeWish = {},
): Promise<Target> {
  const samples = RKE2.map((name) =>
    artifactSample({ kind: 'rke2', name, architectures: ['amd64'], audience: ['rke2-node'] }, [
      { name: 'rke2.linux-amd64.tar.gz', bytes: Buffer.from(name) },
      { name: 'rke2-images-core.linux-amd64.tar.zst', bytes: Buffer.from(`core of ${name}`) },
      { name: 'sha256sum-amd64.txt', bytes: Buffer.from('') },
    ]),
  );
  const platform = { os: 'linux', architecture: 'amd64' };
  return rke2NodeTarget(await bundleOf(samples), { root: rootWith(files), platform, ...wish });
}

/** Returns the code, the message and the hint of a refusal, or what is told of a release that may be placed. */
async function judged(target: Target): Promise<readonly (string | undefined)[]> {
  try {
    await target.reach();
  } catch (error) {
    const { code, message, hint } = await thrownBy(Promise.reject<unknown>(error));
    return [code, message, hint];
  }
  return ((await target.leftOut?.()) ?? []).map(({ message }) => message);
}

const UNPACKED = 'var/lib/rancher/k3s/data';
const started = (version: string) => ({
  [`${UNPACKED}/abc/bin/k3s`]: program(version),
  [`${UNPACKED}/current`]: '-> /var/lib/rancher/k3s/data/abc',
});

describe('a release for a K3s node', () => {
  it('that has nothing is the highest, and nothing is told', async () => {
    const target = await k3sNode({});
    expect(await judged(target)).toEqual([]);
    expect((await target.plan()).map(({ name }) => name)[0]).toBe('v1.30.6+k3s1');
  });

  it('that skips minor releases is refused, and the first step named', async () => {
    expect(await judged(await k3sNode({ 'usr/local/bin/k3s': program('v1.27.16+k3s1') }))).toEqual([
      'ERR_TARGET_OUT_OF_ORDER',
      'Cannot place K3s "v1.30.6+k3s1" on the node: the node has v1.27.16+k3s1, and v1.28, v1.29 would be skipped',
      'Install v1.28.15+k3s1 first, with --k3s-version v1.28.15+k3s1, and start it. --out-of-order places it all the same.',
    ]);
  });

  it('that goes back a minor release is refused', async () => {
    const node = { 'usr/local/bin/k3s': program('v1.30.6+k3s1') };
    expect(await judged(await k3sNode(node, { version: 'v1.29.14+k3s1' }))).toEqual([
      'ERR_TARGET_OUT_OF_ORDER',
      'Cannot place K3s "v1.29.14+k3s1" on the node: the node has v1.30.6+k3s1, and there is no way back to an older minor release',
      'To go back, restore a snapshot that the older release has made. --out-of-order places it all the same.',
    ]);
  });

  it('before which a step is missing in the bundle names the spec that has it', async () => {
    const [, , hint] = await judged(await k3sNode({ 'usr/local/bin/k3s': program('v1.25.16+k3s4') }));
    expect(hint).toContain('The bundle has no K3s of v1.26: build it with "from: v1.25.x" under "k3s".');
  });

  it.each([
    ['the next minor', 'v1.29.1+k3s1', undefined],
    ['the same minor', 'v1.30.1+k3s1', undefined],
    ['the same release', 'v1.30.6+k3s1', undefined],
    ['an older patch', 'v1.30.9+k3s1', 'K3s v1.30.6+k3s1 is placed where v1.30.9+k3s1 is, which is newer'],
  ])('may be of %s', async (_, version, told) => {
    expect(await judged(await k3sNode({ 'usr/local/bin/k3s': program(version) }))).toEqual(
      told === undefined ? [] : [told],
    );
  });

  it('is placed out of order when told so, with a warning', async () => {
    const node = { 'usr/local/bin/k3s': program('v1.27.16+k3s1') };
    expect(await judged(await k3sNode(node, { isOutOfOrder: true }))).toEqual([
      'K3s v1.30.6+k3s1 is placed out of order: the node has v1.27.16+k3s1, and v1.28, v1.29 would be skipped',
    ]);
  });

  it.each([
    // Placed, and not started yet: it is no step.
    ['v1.27.16+k3s1', 'v1.28.15+k3s1', 'v1.29.14+k3s1', 'Start v1.28.15+k3s1 first, which is there already'],
    // Started, then an older program put in its place.
    ['v1.29.14+k3s1', 'v1.27.16+k3s1', 'v1.29.14+k3s1', 'Install v1.28.15+k3s1 first'],
    ['v1.28.15+k3s1', 'v1.28.15+k3s1', 'v1.29.14+k3s1', undefined],
    ['v1.27.16+k3s1', 'v1.28.15+k3s1', 'v1.28.15+k3s1', undefined],
  ])(
    'counts from the older of what was started, %s, and what is there, %s',
    async (ran, there, version, hint) => {
      const node = { ...started(ran), 'usr/local/bin/k3s': program(there) };
      const told = await judged(await k3sNode(node, { version }));
      expect(told.slice(2).join('')).toContain(hint ?? '');
      expect(told.slice(0, 1)).toEqual(hint === undefined ? [] : ['ERR_TARGET_OUT_OF_ORDER']);
    },
  );

  it.each([
    ['in /opt', 'opt/bin/k3s', program('v1.27.16+k3s1')],
    ['in /usr/bin', 'usr/bin/k3s', program('v1.27.16+k3s1')],
    ['with its version across two chunks', 'usr/local/bin/k3s', program('v1.27.16+k3s1', 65_536 - 110)],
    [
      'of 2021, under its old name',
      'usr/local/bin/k3s',
      Buffer.from(`-X github.com/rancher/k3s/pkg/version.Version=v1.20.15+k3s1 `),
    ],
  ])('knows a program %s', async (_, path, bytes) => {
    expect((await judged(await k3sNode({ [path]: bytes })))[0]).toBe('ERR_TARGET_OUT_OF_ORDER');
  });

  it.each([
    ['no version', Buffer.from('#!/bin/sh\nexec /srv/k3s "$@"\n')],
    ['a version that is none', program('dev')],
    ['nothing', Buffer.alloc(0)],
  ])('warns of a program with %s', async (_, bytes) => {
    expect(await judged(await k3sNode({ 'usr/local/bin/k3s': bytes }))).toEqual([
      expect.stringMatching(/^Which K3s the node has cannot be told from ".*\/usr\/local\/bin\/k3s"$/),
    ]);
  });

  it('is not misled by links that lead out of the root, or in a circle', async () => {
    const node = {
      'usr/local/bin/k3s': '-> /usr/bin/env',
      [`${UNPACKED}/current`]: '-> current',
    };
    expect(await judged(await k3sNode(node))).toEqual([]);
  });
});

describe('a release for an RKE2 node', () => {
  const DATA = 'var/lib/rancher/rke2';
  const ran = (tag: string) => ({
    [`${DATA}/data/${tag}-0123456789ab/bin/kubelet`]: 'kubelet',
    [`${DATA}/bin`]: `-> /${DATA}/data/${tag}-0123456789ab/bin`,
  });

  it('that skips a minor release of what was started is refused', async () => {
    expect(await judged(await rke2Node(ran('v1.28.9-rke2r1')))).toEqual([
      'ERR_TARGET_OUT_OF_ORDER',
      'Cannot place RKE2 "v1.30.6+rke2r1" on the node: the node has v1.28.9+rke2r1, and v1.29 would be skipped',
      'The bundle has no RKE2 of v1.29: build it with "from: v1.28.x" under "rke2". --out-of-order places it all the same.',
    ]);
  });

  it.each(['v1.29.14-rke2r1', 'v1.29.0-rc1-rke2r2', 'v1.29.14-rke2r1-linux-amd64'])(
    'follows what a folder %s says',
    async (tag) => {
      expect(await judged(await rke2Node(ran(tag)))).toEqual([]);
      expect((await judged(await rke2Node(ran(tag), { version: 'v1.28.15+rke2r1' })))[0]).toBe(
        'ERR_TARGET_OUT_OF_ORDER',
      );
    },
  );

  it.each(['usr/local/bin/rke2', 'opt/rke2/bin/rke2', 'usr/bin/rke2'])(
    'counts from a program at %s that was never started',
    async (path) => {
      expect((await judged(await rke2Node({ [path]: program('v1.28.9+rke2r1') })))[0]).toBe(
        'ERR_TARGET_OUT_OF_ORDER',
      );
    },
  );

  it('does not read a folder of a runtime by digest as a release', async () => {
    const digest = 'a'.repeat(64);
    const node = {
      [`${DATA}/data/${digest}/bin/kubelet`]: '',
      [`${DATA}/bin`]: `-> /${DATA}/data/${digest}/bin`,
    };
    expect(await judged(await rke2Node(node))).toEqual([
      'Which RKE2 the node has cannot be told from "/var/lib/rancher/rke2/bin"',
    ]);
  });
});
