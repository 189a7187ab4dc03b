import { describe, expect, it } from 'vitest';
import { foldCase, foldPath, readTable } from '../../../src/internal/unicode/folding.ts';
import { UNSEEN, UNSEEN_CLASS } from '../../../src/internal/unicode/unseen.ts';

const CODES = Array.from({ length: 0x110000 }, (_, code) => code);

describe('foldCase', () => {
  it.each([
    ['ABC', 'abc'],
    ['Straße', 'strasse'],
    ['STRASSE', 'strasse'],
    ['\u1e9e', 'ss'],
    ['\u0130', 'i\u0307'],
    ['\u0131', 'i'],
    ['\u017f\u212a', 'sk'],
    ['\u03a3\u03c2', '\u03c3\u03c3'],
    ['\ufb01', 'fi'],
    ['\u{1e900}', '\u{1e922}'],
    ['\u13f8\uab70', '\u13f0\u13a0'],
  ])('makes %j %j', (text, folded) => {
    expect(foldCase(text)).toBe(folded);
  });

  it('has the table of Unicode 17.0, and every letter that the runtime knows by two cases is the same in both', () => {
    expect(readTable()).toHaveProperty('size', 1481 + 104 + 1);
    const twins = CODES.filter((code) => code < 0xd800 || code > 0xdfff).filter((code) => {
      const text = String.fromCodePoint(code);
      // The capital I with a dot loses it in no folding but that of Turkish.
      return text !== '\u0130' && foldPath(text.toUpperCase()) !== foldPath(text);
    });
    expect(twins).toEqual([]);
  });
});

describe('foldPath', () => {
  it.each([
    ['\u00e4', 'A\u0308'],
    ['\u1e69', 'S\u0307\u0323'],
    ['\u0390', '\u03b9\u0308\u0301'],
    ['\u212b', '\u00e5'],
  ])('takes %j and %j for the same', (left, right) => {
    expect(foldPath(left)).toBe(foldPath(right));
  });
});

describe('UNSEEN', () => {
  it('has the characters of the categories Cc, Cf, Cs, Zl and Zp as of Unicode 17.0', () => {
    const isListed = new RegExp(`^[${UNSEEN_CLASS}]$`, 'u');
    const listed = CODES.filter((code) => isListed.test(String.fromCodePoint(code)));
    const known = CODES.filter((code) =>
      /^[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]$/u.test(String.fromCodePoint(code)),
    );
    expect(listed).toHaveLength(UNSEEN.reduce((sum, [from, to]) => sum + to - from + 1, 0));
    expect(listed.filter((code) => !known.includes(code))).toEqual([]);
    // What a later Unicode has more, names may have.
    expect(listed).toHaveLength(2285);
  });
});
