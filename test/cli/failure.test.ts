import { describe, expect, it } from 'vitest';
import { SaddlebagError } from '../../src/internal/error.ts';
import { ProblemsError } from '../../src/internal/problems.ts';
import { type Library, runInMemory } from '../support/process/cli.ts';

describe('a verb that fails', () => {
  const failing = (thrown: Error): Partial<Library> => ({
    verifyBundle: async () => {
      throw thrown;
    },
  });

  it.each([
    ['ERR_SPEC_INVALID', 2],
    ['ERR_DIGEST_MISMATCH', 3],
    ['ERR_REGISTRY_DENIED', 4],
    ['ERR_UPSTREAM_NOT_FOUND', 5],
    ['ERR_DISK_FULL', 6],
    ['ERR_TARGET_REFUSED', 7],
    ['ERR_INTERRUPTED', 130],
  ] as const)('with %s ends with status %i', async (code, status) => {
    const error = new SaddlebagError(code, 'Cannot do it: it is so', { hint: 'Do that.' });
    const run = await runInMemory(['verify', 'x'], { verbs: failing(error) });
    expect(run).toEqual({
      status,
      stdout: '',
      stderr: `error: Cannot do it: it is so [${code}]\nhint: Do that.\n`,
    });
  });

  it('lists every problem, each with its hint and with a code of its own', async () => {
    const problems = [
      new SaddlebagError('ERR_SPEC_INVALID', 'Cannot a: b', { hint: 'c' }),
      new SaddlebagError('ERR_LIST_INVALID', 'Cannot d: e'),
    ];
    const error = new ProblemsError('ERR_SPEC_INVALID', 'Cannot read: 2 problems', { problems });
    const { stderr } = await runInMemory(['verify', 'x'], { verbs: failing(error) });
    expect(stderr).toBe(
      'error: Cannot read: 2 problems [ERR_SPEC_INVALID]\n  - Cannot a: b\n    hint: c\n  - Cannot d: e [ERR_LIST_INVALID]\n',
    );
    const json = await runInMemory(['verify', 'x', '--json'], { verbs: failing(error) });
    expect(JSON.parse(json.stdout)).toEqual({
      error: {
        code: 'ERR_SPEC_INVALID',
        message: 'Cannot read: 2 problems',
        problems: [
          { code: 'ERR_SPEC_INVALID', message: 'Cannot a: b', hint: 'c' },
          { code: 'ERR_LIST_INVALID', message: 'Cannot d: e' },
        ],
      },
    });
  });

  it('shows the first fifty problems of a thousand', async () => {
    const problems = Array.from(
      { length: 1000 },
      (_, i) => new SaddlebagError('ERR_LIST_INVALID', `Cannot ${i}: x`),
    );
    const error = new ProblemsError('ERR_LIST_INVALID', 'Cannot read: 1000 problems', { problems });
    const { stderr } = await runInMemory(['verify', 'x'], { verbs: failing(error) });
    expect(stderr.split('\n')).toHaveLength(53);
    expect(stderr).toContain('… and 950 more');
  });

  it('with an error that is not ours is a bug: status 1, the stack, and where to report it', async () => {
    const { status, stdout, stderr } = await runInMemory(['verify', 'x'], {
      verbs: failing(new TypeError('boom')),
    });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^error: Cannot finish "bundle verify": boom \[ERR_INTERNAL_BUG\]\n {2}caused by TypeError: boom\n +at /,
    );
    expect(stderr).toMatch(/hint: This is a bug of Saddlebag\. Please report it/);
  });

  it('with a full disk that no room expected is not a bug', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const { status, stderr } = await runInMemory(['verify', 'x'], { verbs: failing(full) });
    expect(status).toBe(6);
    expect(stderr).toContain('[ERR_DISK_FULL]');
  });

  it('shows what led to an error with --verbose', async () => {
    const error = new SaddlebagError('ERR_DISK_FAILED', 'Cannot read: no', { cause: new Error('the cable') });
    const quiet = await runInMemory(['verify', 'x'], { verbs: failing(error) });
    const verbose = await runInMemory(['verify', 'x', '--verbose'], { verbs: failing(error) });
    expect(quiet.stderr).not.toContain('the cable');
    expect(verbose.stderr).toContain('caused by Error: the cable');
  });

  it('because it was interrupted says so, whatever it died of', async () => {
    const signal = AbortSignal.abort();
    const { status, stderr } = await runInMemory(['verify', 'x'], {
      verbs: failing(new Error('socket')),
      signal,
    });
    expect(status).toBe(130);
    expect(stderr).toMatch(
      /^error: Cannot finish "bundle verify": interrupted \[ERR_INTERRUPTED\]\nhint: Run the same/,
    );
  });

  it('keeps escape sequences of a server away from the terminal', async () => {
    const error = new SaddlebagError(
      'ERR_REGISTRY_FAILED',
      'Cannot push: "\u001B]0;owned\u0007\u009B2J\u202E"',
    );
    const { stderr } = await runInMemory(['verify', 'x'], { verbs: failing(error) });
    expect(stderr).toContain('"\\u001b]0;owned\\u0007\\u009b2J\\u202e"');
  });
});
