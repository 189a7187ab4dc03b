import { describe, expect, it } from 'vitest';
import { signatureLines } from '../../../src/cli/display/signature.ts';
import { digestOf } from '../../../src/oci/digest.ts';

const style = (_: string, text: string): string => text;
const signer = digestOf('key');

describe('the lines about a signature', () => {
  it('are none where nothing is signed and no signature is required', () => {
    expect(signatureLines({ signed: false, signature: 'none' }, { style })).toEqual([]);
  });

  it('name the key that was proven, and it alone', () => {
    const required = true;
    expect(signatureLines({ signed: true, signature: 'proven', signer }, { style, required })).toEqual([
      `signed by ${signer}`,
    ]);
  });

  it('do not call signed what was not checked', () => {
    expect(signatureLines({ signed: false, signature: 'present' }, { style })).toEqual([
      'signed, but not checked: no key is trusted here',
    ]);
    expect(signatureLines({ signed: false, signature: 'wrong' }, { style })).toEqual([
      'signature broken: it does not have the form of a signature',
    ]);
  });

  it.each([
    ['none', 'not signed'],
    ['wrong', 'its signature is wrong'],
  ] as const)('say that a bundle with %s is refused where a key is trusted', (signature, fact) => {
    expect(signatureLines({ signed: false, signature }, { style, required: true })).toEqual([
      `refused by verify and install, because a key is trusted here: ${fact}`,
    ]);
  });
});
