import { describe, expect, it } from 'vitest';
import { canonicalHost, settingOf } from '../../../src/registry/settings/settings.ts';

describe('settingOf', () => {
  const byHost = {
    '*': 'any',
    'docker.io': 'hub',
    'harbor.example': 'harbor',
    'harbor.example:8443': 'other port',
  };

  it.each([
    ['docker.io', 'hub'],
    ['registry-1.docker.io', 'hub'],
    ['index.docker.io', 'hub'],
    ['harbor.example', 'harbor'],
    ['harbor.example:443', 'harbor'],
    ['harbor.example:8443', 'other port'],
    ['harbor.example:5000', 'any'],
    ['HARBOR.example', 'harbor'],
    ['evil-harbor.example', 'any'],
  ])('finds the entry for %s', (host, expected) => {
    expect(settingOf(byHost, host)).toBe(expected);
  });

  it('finds nothing without an entry for the host or for all', () => {
    expect(settingOf({ a: 1 }, 'b')).toBeUndefined();
    expect(settingOf(undefined, 'b')).toBeUndefined();
  });
});

describe('canonicalHost', () => {
  it('drops the port of HTTPS, also behind an IPv6 address, and no other', () => {
    expect(canonicalHost('[::1]:443')).toBe('[::1]');
    expect(canonicalHost('[fd00::443]')).toBe('[fd00::443]');
    expect(canonicalHost('host:4430')).toBe('host:4430');
  });
});
