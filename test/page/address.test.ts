import { describe, expect, it } from 'vitest';
import { addressOf } from '../../src/page/address.ts';

describe('the address of the server', () => {
  it.each([
    ['http://bundle.lab:5000', { host: 'bundle.lab:5000', isPlain: true, isLoopback: false }],
    ['https://192.0.2.7', { host: '192.0.2.7', isPlain: false, isLoopback: false }],
    ['http://[2001:db8::1]:5000', { host: '[2001:db8::1]:5000', isPlain: true, isLoopback: false }],
    ['http://localhost:5000', { host: 'localhost:5000', isPlain: true, isLoopback: true }],
    ['http://127.0.0.1', { host: '127.0.0.1', isPlain: true, isLoopback: true }],
    ['https://[::1]:5000', { host: '[::1]:5000', isPlain: false, isLoopback: true }],
    ['http://127.0.0.1.example', { host: '127.0.0.1.example', isPlain: true, isLoopback: false }],
  ])('%s is read', (origin, expected) => {
    expect(addressOf(origin)).toEqual({ origin, isUnknown: false, ...expected });
  });

  it.each([
    '',
    'http://',
    'http://a b',
    'http://x"onload="y',
    'http://$(reboot)',
    'http://a;b',
    "http://a'b",
    'http://a/b',
    'http://user@host',
    'http://a:123456',
    'http://a\n.b',
    'javascript://alert',
  ])('%j is none, and a placeholder stands for it', (origin) => {
    expect(addressOf(origin)).toMatchObject({ origin: 'http://SERVER:5000', isUnknown: true });
  });
});
