import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Target } from '../../../src/targets/target.ts';
import { mountOptions } from '../../../src/targets/node/mounts.ts';
import { k3sNodeTarget } from '../../../src/targets/k3s-node/k3s-node.ts';
import { bundleOf, k3sSample } from '../../support/samples/target-samples.ts';
import { installTarget } from '../../support/sites/install-target.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const TAG = 'v1.30.6+k3s1';
const IMAGES = 'var/lib/rancher/k3s/agent/images';
const ARCHIVE = 'k3s-airgap-images-amd64.tar.zst';

async function node(
  files: Readonly<Record<string, string>> = {},
): Promise<{ readonly root: string; readonly target: Target }> {
  const scratch = temporaryFolder();
  onTestFinished(() => scratch[Symbol.dispose]());
  const root = join(scratch.path, 'root');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const target = k3sNodeTarget(await bundleOf([k3sSample(TAG)]), { root, architecture: 'amd64' });
  return { root, target };
}

describe('what stands in the way of a node', () => {
  it.each([
    [{}, []],
    [{ 'run/systemd/units/invocation:k3s.service': '' }, ['K3s is running on the node, as k3s']],
    [{ 'run/systemd/units/invocation:k3s-agent.service': '' }, ['K3s is running on the node, as k3s-agent']],
    [{ 'run/systemd/units/invocation:rke2-server.service': '' }, []],
    [
      { 'etc/selinux/config': '# SELinux\nSELINUX=enforcing\nSELINUXTYPE=targeted\n' },
      ['SELinux is enforcing on the node, and has no policy for K3s'],
    ],
    [{ 'etc/selinux/config': 'SELINUX=permissive\n' }, []],
    [{ 'etc/selinux/config': '#SELINUX=enforcing\nSELINUX=disabled\n' }, []],
    [{ 'etc/selinux/config': 'SELINUX=enforcing\n', 'usr/share/selinux/packages/k3s.pp': '' }, []],
  ])('is told before the first change, of %j', async (files, messages) => {
    const { target } = await node(files);
    const found = (await target.leftOut?.()) ?? [];
    expect(found.map(({ message }) => message)).toEqual(messages);
    expect(found.every(({ hint, level }) => hint !== undefined && level === 'warning')).toBe(true);
  });

  it('is not read through a link that leads out of the root', async () => {
    const { root, target } = await node();
    mkdirSync(join(root, 'etc/selinux'), { recursive: true });
    const outside = join(dirname(root), 'config');
    writeFileSync(outside, 'SELINUX=enforcing\n');
    symlinkSync(outside, join(root, 'etc/selinux/config'));
    expect(await target.leftOut?.()).toEqual([]);
  });

  it.each([
    ['/usr/local/bin', 'noexec', true],
    ['/usr/local', 'noexec', false],
    ['/usr/localx/bin', 'noexec', false],
    ['/mnt/with blank/x', 'noexec', true],
    ['/twice/x', 'noexec', false],
    ['/anywhere', 'ro', true],
  ])('is a mount: %s has %s: %s', (path, option, expected) => {
    const text = [
      '22 1 8:1 / / ro,relatime - ext4 /dev/sda1 rw',
      '23 22 8:2 / /usr/local/bin rw,noexec - ext4 /dev/sda2 rw',
      '24 22 8:3 / /mnt/with\\040blank rw,noexec shared:1 - ext4 /dev/sda3 rw',
      '25 22 8:4 / /twice rw,noexec - ext4 /dev/sda4 rw',
      '26 22 8:5 / /twice rw - ext4 /dev/sda5 rw',
      '',
    ].join('\n');
    expect(mountOptions(path, text).has(option)).toBe(expected);
  });

  it('is read from the mounts of this host as they are', () => {
    expect(mountOptions('/proc/self', readFileSync('/proc/self/mountinfo', 'utf8')).size).toBeGreaterThan(0);
  });
});

describe('the note of a node about what it imported', () => {
  const NAME = `/${IMAGES}/${ARCHIVE}`;
  const entry = { size: 3000, modTime: '2025-06-01T00:00:00Z' };

  it.each([
    [JSON.stringify({ [NAME]: entry, '/other.tar': entry }), { '/other.tar': entry }],
    [JSON.stringify({ '/other.tar': entry }), { '/other.tar': entry }],
    [JSON.stringify({ [NAME]: entry }), {}],
  ])('no longer has an archive that is replaced: %s', async (note, expected) => {
    const { root, target } = await node({ [`${IMAGES}/${ARCHIVE}`]: 'old', [`${IMAGES}/.cache.json`]: note });
    await installTarget(target);
    expect(JSON.parse(readFileSync(join(root, IMAGES, '.cache.json'), 'utf8'))).toEqual(expected);
  });

  it.each(['', 'no JSON', '[]', '{"a":1}'])(
    'stays as it is when there is nothing to take out: %j',
    async (note) => {
      const { root, target } = await node({ [`${IMAGES}/.cache.json`]: note });
      await installTarget(target);
      expect(readFileSync(join(root, IMAGES, '.cache.json'), 'utf8')).toBe(note);
    },
  );

  it('keeps the entry of an archive that is there already', async () => {
    const { root, target } = await node();
    await installTarget(target);
    const note = JSON.stringify({ [NAME]: entry });
    writeFileSync(join(root, IMAGES, '.cache.json'), note);
    await installTarget(target);
    expect(readFileSync(join(root, IMAGES, '.cache.json'), 'utf8')).toBe(note);
  });
});
