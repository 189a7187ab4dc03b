import { describe, expect, it } from 'vitest';
import { withoutCredentials } from '../../../src/internal/http/without-credentials.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('withoutCredentials', () => {
  it.each([
    ['https://user:secret@host/x', 'https://…@host/x'],
    ['https://user:se/cret@host/x', 'https://…@host/x'],
    ['https://user:se@cret@host/x', 'https://…@host/x'],
    ['https://user:se\\cret@host/x', 'https://…@host/x'],
    ['https://user:se?cret@host/x', 'https://…'],
    ['https://user:se#cret@host/x', 'https://…'],
    ['https://token@host/x', 'https://…@host/x'],
    ['https://host/x?token=secret', 'https://host/x?…'],
    ['https://host/x#secret', 'https://host/x#…'],
    ['see https://user:secret@host', 'see https://…@host'],
    [`docker://user:secret@host:5000/app:1@${DIGEST}`, `docker://…@host:5000/app:1@${DIGEST}`],
    ['user:se/cret@host/app:1', '…@host/app:1'],
    [`user:se/cret@host/app:1@${DIGEST}`, `…@host/app:1@${DIGEST}`],
  ])('makes %j into %j', (text, expected) => {
    expect(withoutCredentials(text)).toBe(expected);
  });

  it.each([
    'https://host/x',
    'left-pad@1.3.0',
    'host:5000/app:1',
    `host:5000/app:1@${DIGEST}`,
    'app@sha256:123',
    'a: b',
    '',
  ])('leaves %j as it is', (text) => {
    expect(withoutCredentials(text)).toBe(text);
  });

  it('takes no longer for a line without an end', () => {
    const line = 'a'.repeat(2_000_000);
    expect(withoutCredentials(line)).toBe(line);
    expect(withoutCredentials(`${line}://${'@'.repeat(1000)}${line}`)).toBe(`${line}://…@${line}`);
  });
});
