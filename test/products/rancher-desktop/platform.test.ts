import { describe, expect, it } from 'vitest';
import { parsePlatform } from '../../../src/oci/platform.ts';
import { desktopArchitecture, desktopClients } from '../../../src/products/rancher-desktop/platform.ts';

describe('a desktop', () => {
  it.each([
    ['linux/amd64', 'amd64', ['linux/amd64']],
    ['linux/aarch64', 'arm64', ['linux/arm64']],
    ['darwin/amd64', 'amd64', ['darwin/amd64']],
    ['darwin/arm64', 'arm64', ['darwin/arm64', 'darwin/amd64']],
    ['windows/amd64', 'amd64', ['windows/amd64']],
    // It runs the program for amd64.
    ['windows/arm64', 'amd64', ['windows/amd64']],
    ['linux/arm', undefined, undefined],
    ['linux/s390x', undefined, undefined],
    ['linux/riscv64', undefined, undefined],
    ['windows/386', undefined, undefined],
    ['freebsd/amd64', undefined, undefined],
  ])('on %s runs K3s for %s, and clients for %j', (text, architecture, clients) => {
    const platform = parsePlatform(text);
    expect(desktopArchitecture(platform)).toBe(architecture);
    expect(desktopClients(platform)).toEqual(clients);
  });
});
