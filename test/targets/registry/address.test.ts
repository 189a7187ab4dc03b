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
    ['https://harbor.lab', 'harbor.lab', ''],
    ['HTTPS://harbor.lab:8443/', 'harbor.lab:8443', ''],
    ['http://localhost:5000', 'localhost:5000', ''],
    ['docker://localhost:5000', 'localhost:5000', ''],
    ['oci://harbor.lab', 'harbor.lab', ''],
    ['http://[::1]:5000/', '[::1]:5000', ''],
  ])('reads %s', (text, host, prefix) => {
    expect(parseRegistryAddress(text)).toEqual({ host, prefix });
  });

  it.each([
    ['https://harbor.lab/mirror', /it is a URL/],
    ['https://harbor.lab?x', /it is a URL/],
    ['https://', /it is a URL/],
    ['http://harbor.lab', /it is a URL/],
    ['oci://harbor.lab/mirror', /it is a URL/],
    ['ftp://harbor.lab', /it is a URL/],
    ['docker://user:secret@harbor.lab', /it is a URL/],
    ['harbor.lab:99999', /there is no port 99999/],
    ['harbor.lab:0', /there is no port 0/],
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
