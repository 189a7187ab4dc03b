import { describe, expect, it } from 'vitest';
import { githubToken } from '../../../../src/sources/web/github/token.ts';
import { thrownBy } from '../../../support/thrown.ts';

describe('githubToken', () => {
  it.each([
    ['as it is', 't0ken', 't0ken'],
    ['with a line end', 't0ken\n', 't0ken'],
    ['with a line end of Windows', 't0ken\r\n', 't0ken'],
    ['with a lone carriage return', 't0ken\r', 't0ken'],
    ['with blanks and tabs around it', ' \tt0ken\t ', 't0ken'],
    ['with a byte order mark', '\uFEFFt0ken', 't0ken'],
    ['that is not set', undefined, undefined],
    ['that is empty', '', undefined],
    ['that is blank', ' \r\n', undefined],
  ])('reads a token %s', (_, value, token) => {
    expect(githubToken({ GITHUB_TOKEN: value })).toBe(token);
  });

  it.each([
    ['a line end within', 's3cret\nmore'],
    ['a carriage return within', 's3cret\rmore'],
    ['a NUL', 's3cret\0more'],
    ['an escape', 's3cret\u001b[31m'],
    ['a delete', 's3cret\u007fmore'],
    ['a typographic quote', '“s3cret”'],
    ['an umlaut', 's3crét'],
    ['a zero-width blank', 's3cret\u200b'],
  ])('refuses %s, naming the variable and never its value', async (_, value) => {
    const error = await thrownBy((async () => githubToken({ GITHUB_TOKEN: value }))());
    expect(error).toMatchObject({
      code: 'ERR_USAGE_INVALID',
      message: 'Cannot use GITHUB_TOKEN: it has a character that no HTTP header can hold',
    });
    expect(`${error.hint} ${error.stack} ${String(error.cause)}`).not.toContain('s3cr');
  });
});
