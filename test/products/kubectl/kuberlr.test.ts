import { parse, type SemVer } from 'semver';
import { describe, expect, it } from 'vitest';
import { chosenClient, clientName, parseClientName } from '../../../src/products/kubectl/kuberlr.ts';

describe('parseClientName', () => {
  it.each([
    ['kubectl1.30.6', 'linux', '1.30.6'],
    ['kubectl1.22', 'linux', '1.22.0'],
    ['kubectl1.30.6.exe', 'windows', '1.30.6'],
    // Go's Sscanf does not mind what follows.
    ['kubectl1.30.6.sha512', 'linux', '1.30.6'],
    ['kubectl1.30.6.partial', 'darwin', '1.30.6'],
    ['kubectl1.30.6-old', 'linux', '1.30.6'],
    ['kubectl1.30.6.exe.sha256', 'windows', '1.30.6'],
    ['kubectl1.30.6', 'windows', undefined],
    ['kubectlv1.30.6', 'linux', undefined],
    ['kubectl', 'linux', undefined],
    ['kubectl1', 'linux', undefined],
    ['.saddlebag-kubectl1.30.6.77-0123abcd', 'linux', undefined],
    ['Kubectl1.30.6', 'linux', undefined],
  ])('takes %s on %s for %s', (name, os, version) => {
    expect(parseClientName(name, os)?.version.version).toBe(version);
  });

  it('reads the names that are given to clients', () => {
    for (const os of ['linux', 'darwin', 'windows'])
      expect(parseClientName(clientName('1.30.6', os), os)?.version.version).toBe('1.30.6');
    expect(clientName('1.30.6', 'windows')).toBe('kubectl1.30.6.exe');
  });
});

describe('chosenClient', () => {
  const names = [
    'kubectl1.28.9',
    'kubectl1.29.4',
    'kubectl1.30.6',
    'kubectl1.30.10',
    'kubectl1.31.2',
    'kubectl1.33.0',
    'notes.txt',
  ];

  it.each([
    ['1.30.6', 'kubectl1.31.2'],
    ['1.29.0', 'kubectl1.30.10'],
    ['1.28.0', 'kubectl1.29.4'],
    ['1.27.16', 'kubectl1.28.9'],
    ['1.31.0', 'kubectl1.31.2'],
    ['1.32.1', 'kubectl1.33.0'],
    ['1.34.0', 'kubectl1.33.0'],
    ['1.35.0', undefined],
    ['1.26.0', undefined],
    ['2.30.0', undefined],
  ])('takes for server %s the newest within one minor', (server, name) => {
    expect(chosenClient(names, version(server), 'linux')?.name).toBe(name);
  });
});

function version(text: string): SemVer {
  const parsed = parse(text);
  if (parsed === null) throw new Error(`not a version: ${text}`);
  return parsed;
}
