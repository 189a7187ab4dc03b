import { describe, expect, it } from 'vitest';
import { parseRegistryAddress } from '../../../src/targets/registry/address.ts';

describe('parseRegistryAddress', () => {
  it.each([
    ['localhost:5000', 'localhost:5000', ''],
    ['localhost', 'localhost', ''],
    ['harbor', 'harbor', ''],
    ['harbor.lab/mirror', 'harbor.lab', 'mirror'],
    ['harbor.lab:8443/team/mirror/', 'harbor.lab:8443', 'team/mirror'],
    ['[::1]:5000', '[::1]:5000', ''],
    ['10.0.0.7:5000', '10.0.0.7:5000', ''],
  ])('reads %s', (text, host, prefix) => {
    expect(parseRegistryAddress(text)).toEqual({ host, prefix });
  });

  it.each([
    ['https://harbor.lab', /it is a URL/],
    ['', /it is not HOST/],
    ['/mirror', /it is not HOST/],
    ['harbor.lab/Mirror', /it is not HOST/],
    ['harbor.lab/a//b', /it is not HOST/],
    ['user:secret@harbor.lab', /it is not HOST/],
    ['har bor', /it is not HOST/],
  ])('refuses %o', (text, message) => {
    expect(() => parseRegistryAddress(text)).toThrow(message);
    expect(() => parseRegistryAddress(text)).toThrow(expect.objectContaining({ code: 'ERR_USAGE_INVALID' }));
  });

  it.each(['user:secret@harbor.lab', 'https://user:secret@harbor.lab/x'])(
    'does not repeat a password: %s',
    (text) => {
      const withoutPassword = expect.not.stringContaining('secret');
      expect(() => parseRegistryAddress(text)).toThrow(expect.objectContaining({ message: withoutPassword }));
      expect(() => parseRegistryAddress(text)).toThrow(
        expect.not.objectContaining({ cause: expect.anything() }),
      );
    },
  );
});
