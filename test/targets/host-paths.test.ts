import { describe, expect, it } from 'vitest';
import {
  type HostEnvironment,
  hostPlatformOf,
  kuberlrFolder,
  otherKuberlrFolder,
  rancherDesktopCache,
  stateFolder,
  trustedKeyPath,
} from '../../src/targets/host-paths.ts';

const linux = (env: HostEnvironment['env'] = {}): HostEnvironment => ({
  os: 'linux',
  env,
  home: '/home/ana',
});
const mac = (env: HostEnvironment['env'] = {}): HostEnvironment => ({
  os: 'darwin',
  env,
  home: '/Users/ana',
});
const windows = (env: HostEnvironment['env'] = {}): HostEnvironment => ({
  os: 'windows',
  env,
  home: 'C:\\Users\\ana',
});

describe('rancherDesktopCache', () => {
  it.each([
    [linux(), '/home/ana/.cache/rancher-desktop'],
    [linux({ HOME: '/srv/ana' }), '/srv/ana/.cache/rancher-desktop'],
    [linux({ XDG_CACHE_HOME: '/var/tmp/c' }), '/var/tmp/c/rancher-desktop'],
    [linux({ XDG_CACHE_HOME: '' }), '/home/ana/.cache/rancher-desktop'],
    [mac(), '/Users/ana/Library/Caches/rancher-desktop'],
    // Only Linux has XDG directories.
    [mac({ XDG_CACHE_HOME: '/x' }), '/Users/ana/Library/Caches/rancher-desktop'],
    [windows({ LOCALAPPDATA: 'D:\\Data' }), 'D:\\Data\\rancher-desktop\\cache'],
    [windows(), 'C:\\Users\\ana\\AppData\\Local\\rancher-desktop\\cache'],
    [windows({ USERPROFILE: 'E:\\bo' }), 'E:\\bo\\AppData\\Local\\rancher-desktop\\cache'],
    // A HOME that some shell set has no say in where Rancher Desktop keeps its cache.
    [windows({ HOME: 'C:\\cygwin' }), 'C:\\Users\\ana\\AppData\\Local\\rancher-desktop\\cache'],
  ])('is where `rdctl paths` says: %o', (host, path) => {
    expect(rancherDesktopCache(host)).toBe(path);
  });
});

describe('kuberlrFolder', () => {
  it.each([
    [linux(), '/home/ana/.kuberlr'],
    [linux({ HOME: '/srv/ana' }), '/srv/ana/.kuberlr'],
    [mac(), '/Users/ana/.kuberlr'],
    [windows({ USERPROFILE: 'E:\\bo' }), 'E:\\bo\\.kuberlr'],
    [windows({ HOME: 'C:\\cygwin', USERPROFILE: 'E:\\bo' }), 'C:\\cygwin\\.kuberlr'],
    [windows(), 'C:\\Users\\ana\\.kuberlr'],
  ])('asks HOME first, on Windows too: %o', (host, path) => {
    expect(kuberlrFolder(host)).toBe(path);
  });
});

describe('otherKuberlrFolder', () => {
  it.each([
    [
      'HOME on a network drive',
      windows({ HOME: 'U:\\', USERPROFILE: 'C:\\Users\\x' }),
      'C:\\Users\\x\\.kuberlr',
    ],
    ['HOME alone', windows({ HOME: 'U:\\' }), 'C:\\Users\\ana\\.kuberlr'],
    ['both the same', windows({ HOME: 'C:\\Users\\x', USERPROFILE: 'C:\\Users\\x' }), undefined],
    [
      'the same in another spelling',
      windows({ HOME: 'c:\\users\\X', USERPROFILE: 'C:\\Users\\x' }),
      undefined,
    ],
    ['no HOME', windows({ USERPROFILE: 'C:\\Users\\x' }), undefined],
    ['an empty HOME', windows({ HOME: '', USERPROFILE: 'C:\\Users\\x' }), undefined],
    ['Linux', linux({ HOME: '/srv/ana', USERPROFILE: '/other' }), undefined],
    ['a Mac', mac({ HOME: '/srv/ana' }), undefined],
  ])('is where kuberlr looks without HOME: %s', (_, host, path) => {
    expect(otherKuberlrFolder(host)).toBe(path);
  });
});

describe('stateFolder', () => {
  it.each([
    [linux(), '/home/ana/.local/state/saddlebag'],
    [linux({ XDG_STATE_HOME: '/var/state' }), '/var/state/saddlebag'],
    [mac(), '/Users/ana/Library/Application Support/saddlebag'],
    [windows({ LOCALAPPDATA: 'D:\\Data' }), 'D:\\Data\\saddlebag'],
    [windows(), 'C:\\Users\\ana\\AppData\\Local\\saddlebag'],
  ])('is where the system wants state: %o', (host, path) => {
    expect(stateFolder(host)).toBe(path);
  });
});

describe('trustedKeyPath', () => {
  it.each([
    [linux(), '/home/ana/.config/saddlebag/trusted.pem'],
    [linux({ HOME: '/srv/ana', XDG_CONFIG_HOME: '' }), '/srv/ana/.config/saddlebag/trusted.pem'],
    [linux({ XDG_CONFIG_HOME: '/etc/ana' }), '/etc/ana/saddlebag/trusted.pem'],
    [mac({ XDG_CONFIG_HOME: '/x' }), '/Users/ana/Library/Application Support/saddlebag/trusted.pem'],
    [windows({ APPDATA: 'D:\\Roaming' }), 'D:\\Roaming\\saddlebag\\trusted.pem'],
    [windows(), 'C:\\Users\\ana\\AppData\\Roaming\\saddlebag\\trusted.pem'],
    [windows({ USERPROFILE: 'E:\\bo' }), 'E:\\bo\\AppData\\Roaming\\saddlebag\\trusted.pem'],
  ])('is where the system wants configuration: %o', (host, path) => {
    expect(trustedKeyPath(host)).toBe(path);
  });
});

describe('hostPlatformOf', () => {
  it.each([
    ['win32', 'x64', 'windows', 'amd64'],
    ['darwin', 'arm64', 'darwin', 'arm64'],
    ['linux', 'arm', 'linux', 'arm'],
    ['linux', 'ia32', 'linux', '386'],
    ['linux', 's390x', 'linux', 's390x'],
  ])('reads %s/%s as %s/%s', (platform, arch, os, architecture) => {
    expect(hostPlatformOf(platform, arch)).toEqual({ os, architecture });
  });
});
