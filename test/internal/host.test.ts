import { describe, expect, it } from 'vitest';
import { isLoopback, splitPort } from '../../src/internal/host.ts';

describe('isLoopback', () => {
  it.each([
    'localhost',
    'LocalHost',
    '127.0.0.1',
    '127.9.200.255',
    '::1',
    '[::1]',
    '0:0:0:0:0:0:0:1',
    '[0000:0000:0000:0000:0000:0000:0000:0001]',
    '0::1',
  ])('knows this machine by %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each([
    '',
    'localhost.example',
    'notlocalhost',
    // A resolver decides where this leads.
    'registry.localhost',
    'localhost.',
    '127.0.0.1.example',
    '127.0.0.256',
    '127.0.0',
    '127.1',
    '127.00.0.1',
    '1127.0.0.1',
    '128.0.0.1',
    '0.0.0.0',
    '192.0.2.7',
    '::',
    '::2',
    '1::1',
    '[::1',
    ':1',
    '0:1',
    'fe80::1',
    '2001:db8::1',
    'localhost:5000',
    '127.0.0.1@evil.example',
    'evil.example#127.0.0.1',
  ])('takes %j for another', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});

describe('splitPort', () => {
  it.each([
    ['registry.lab:5000', 'registry.lab', '5000'],
    ['registry.lab', 'registry.lab', undefined],
    ['[::1]:5000', '[::1]', '5000'],
    ['[fd00::7]', '[fd00::7]', undefined],
    ['::1', '::1', undefined],
    ['registry.lab:', 'registry.lab:', undefined],
    ['', '', undefined],
  ])('reads %j', (text, host, port) => {
    expect(splitPort(text)).toEqual({ host, port });
  });
});
