import { describe, expect, it } from 'vitest';
import { decodeVersionList, encodeVersionList } from '../../../src/products/rancher-desktop/version-list.ts';

describe('decodeVersionList', () => {
  it('reads the schema of Rancher Desktop 1.2 and later', () => {
    const text = '{"channels":{"stable":"1.30.6"},"cacheVersion":2,"versions":["v1.30.6+k3s1"]}';
    expect(decodeVersionList(text)).toEqual({ versions: ['v1.30.6+k3s1'], channels: { stable: '1.30.6' } });
  });

  it.each([
    ['0', '["v1.20.6+k3s1","v1.19.10+k3s1"]'],
    ['1', '[{"version":"v1.22.6+k3s1","channels":["v1.22","stable"]},{"version":"v1.22.5+k3s1"}]'],
    ['of a later day', '{"cacheVersion":3,"versions":[],"channels":{}}'],
    ['of a number in quotes', '{"cacheVersion":"2","versions":[],"channels":{}}'],
    ['with a version that is none', '{"cacheVersion":2,"versions":[7],"channels":{}}'],
    ['without versions', '{"cacheVersion":2,"channels":{}}'],
    ['cut short', '{"cacheVersion":2,"versions":["v1.30'],
    ['of nothing', ''],
    ['null', 'null'],
  ])('knows that Rancher Desktop of today does not read schema %s', (_, text) => {
    expect(decodeVersionList(text)).toBeUndefined();
  });

  it('writes what Rancher Desktop writes: two spaces, its order of keys, a last newline', () => {
    const list = { versions: ['v1.30.6+k3s1'], channels: { stable: '1.30.6' } };
    const text = Buffer.from(encodeVersionList(list)).toString();
    expect(text).toBe(
      '{\n  "cacheVersion": 2,\n  "versions": [\n    "v1.30.6+k3s1"\n  ],\n  "channels": {\n    "stable": "1.30.6"\n  }\n}\n',
    );
    expect(decodeVersionList(text)).toEqual(list);
  });
});
