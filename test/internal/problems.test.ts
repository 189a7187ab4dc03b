import { describe, expect, it } from 'vitest';
import { SaddlebagError } from '../../src/internal/error.ts';
import { collectProblems, ProblemsError } from '../../src/internal/problems.ts';

const whole = {
  code: 'ERR_RESOLVE_FAILED',
  message: (count: number) => `Cannot resolve: ${count} problems`,
} as const;
const missing = (name: string): SaddlebagError =>
  new SaddlebagError('ERR_UPSTREAM_NOT_FOUND', `Cannot find "${name}"`);

describe('collectProblems', () => {
  it('returns the values in order when all went well', async () => {
    expect(await collectProblems([Promise.resolve(1), Promise.resolve(2)], whole)).toEqual([1, 2]);
  });

  it('reports every problem, those of nested reports too, not the first', async () => {
    const nested = collectProblems([Promise.reject(missing('b')), Promise.reject(missing('c'))], whole);
    const all = collectProblems<unknown>([Promise.reject(missing('a')), Promise.resolve(0), nested], whole);
    const error = await all.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ProblemsError);
    expect(error).toMatchObject({
      code: 'ERR_RESOLVE_FAILED',
      message: 'Cannot resolve: 3 problems',
      problems: [
        { message: 'Cannot find "a"' },
        { message: 'Cannot find "b"' },
        { message: 'Cannot find "c"' },
      ],
    });
  });

  it('does not report a bug or an interruption as a mistake of the user', async () => {
    await expect(
      collectProblems([Promise.reject(missing('a')), Promise.reject(new TypeError('bug'))], whole),
    ).rejects.toThrow(TypeError);
    const interruption = new SaddlebagError('ERR_INTERRUPTED', 'Cannot finish: interrupted');
    await expect(collectProblems([Promise.reject(interruption)], whole)).rejects.toBe(interruption);
  });
});
