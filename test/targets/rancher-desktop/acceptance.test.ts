import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { acceptanceOf } from '../../../src/targets/rancher-desktop/acceptance.ts';
import { k3sFiles, type K3sSampleOptions } from '../../support/samples/target-samples.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { thrownBy } from '../../support/thrown.ts';

const EXE = 'k3s';
const ZST = 'k3s-airgap-images-amd64.tar.zst';
const TAR = 'k3s-airgap-images-amd64.tar';
const SUMS = 'sha256sum-amd64.txt';

describe('acceptanceOf', () => {
  it('accepts a folder whose executable and images match the sums file', async () => {
    expect(await acceptanceOf(folderWith(), 'amd64')).toEqual({ accepted: true, images: ZST });
  });

  it('accepts plain tar images where there are no others', async () => {
    const folder = folderWith({ suffixes: ['.tar'] });
    expect(await acceptanceOf(folder, 'amd64')).toEqual({ accepted: true, images: TAR });
  });

  it('accepts the files of arm64 by their own names', async () => {
    const folder = folderWith({ architectures: ['arm64'] });
    expect(await acceptanceOf(folder, 'arm64')).toMatchObject({ accepted: true });
    expect(await acceptanceOf(folder, 'amd64')).toMatchObject({ accepted: false });
  });

  it('looks at the first images there are and at no others', async () => {
    const folder = folderWith({ suffixes: ['.tar.zst', '.tar'] });
    writeFileSync(join(folder, TAR), 'damaged');
    expect(await acceptanceOf(folder, 'amd64')).toEqual({ accepted: true, images: ZST });
    rmSync(join(folder, ZST));
    expect(await acceptanceOf(folder, 'amd64')).toMatchObject({ accepted: false });
  });

  it('reads capitals and CRLF', async () => {
    const folder = folderWith({
      sums: (text) =>
        text
          .toUpperCase()
          .replaceAll(/ {2}.*/g, (name) => name.toLowerCase())
          .replaceAll('\n', '\r\n'),
    });
    expect(await acceptanceOf(folder, 'amd64')).toMatchObject({ accepted: true });
  });

  it.each([
    [
      'there is no sums file',
      SUMS,
      undefined,
      '"sha256sum-amd64.txt" is missing, so it would try to download the version',
    ],
    ['there is no executable', EXE, undefined, '"k3s" is missing'],
    ['there are no images', ZST, undefined, `there is no "${ZST}" or "${TAR}"`],
    ['the executable is damaged', EXE, 'damaged', '"k3s" does not match its line in "sha256sum-amd64.txt"'],
    ['the images are damaged', ZST, 'damaged', `"${ZST}" does not match its line in "sha256sum-amd64.txt"`],
    ['the sums file is empty', SUMS, '', 'Cannot use "sha256sum-amd64.txt": it has no line for "k3s"'],
    [
      'the sums file is no such thing',
      SUMS,
      'x'.repeat(100_000),
      'Cannot use "sha256sum-amd64.txt": it has no line for "k3s"',
    ],
  ])('says why not: %s', async (_, name, content, fact) => {
    const folder = folderWith();
    if (content === undefined) rmSync(join(folder, name));
    else writeFileSync(join(folder, name), content);
    expect(await acceptanceOf(folder, 'amd64')).toEqual({ accepted: false, fact });
  });

  it('says why not when the sums file is one of binary mode', async () => {
    const folder = folderWith({ sums: (text) => text.replaceAll('  ', ' *') });
    expect(await acceptanceOf(folder, 'amd64')).toEqual({
      accepted: false,
      fact: 'Cannot use "sha256sum-amd64.txt": it says "*k3s", and Rancher Desktop looks for "k3s"',
    });
  });

  it('does not wait on a pipe that stands where a file should', async () => {
    const folder = folderWith();
    rmSync(join(folder, EXE));
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(folder, EXE)]);
    expect(await acceptanceOf(folder, 'amd64')).toEqual({ accepted: false, fact: '"k3s" is not a file' });
  });

  it('refuses a folder that is not there', async () => {
    expect(await acceptanceOf('/nowhere/v1.30.6+k3s1', 'amd64')).toMatchObject({ accepted: false });
  });

  it('stops when it is interrupted', async () => {
    const options = { signal: AbortSignal.abort() };
    expect(await thrownBy(acceptanceOf(folderWith(), 'amd64', options))).toMatchObject({
      code: 'ERR_INTERRUPTED',
    });
  });
});

function folderWith(options: K3sSampleOptions = {}): string {
  const scratch = temporaryFolder();
  onTestFinished(() => scratch[Symbol.dispose]());
  const folder = join(scratch.path, 'v1.30.6+k3s1');
  mkdirSync(folder);
  for (const { name, bytes } of k3sFiles('v1.30.6+k3s1', options)) writeFileSync(join(folder, name), bytes);
  return folder;
}
