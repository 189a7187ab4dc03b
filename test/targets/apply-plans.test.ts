import { describe, expect, it } from 'vitest';
import { SaddlebagError } from '../../src/internal/error.ts';
import type { ErrorCode } from '../../src/internal/error-code.ts';
import { ProblemsError } from '../../src/internal/problems.ts';
import { type ApplyProgress, applyPlans, errorOf, type Plan } from '../../src/targets/apply-plans.ts';
import type { Action, ApplyOptions } from '../../src/targets/target.ts';

describe('applyPlans', () => {
  it('fills a disk one file after the other, in order', async () => {
    const work = new Work();
    const { results, failures } = await applyPlans([work.plan('files', ['a', 'b', 'c'])]);
    expect(work.events).toEqual(['+a', '-a', '+b', '-b', '+c', '-c']);
    expect(results.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(failures).toEqual([]);
  });

  it('pushes several images at once, and keeps their order in the result', async () => {
    const work = new Work();
    const { results } = await applyPlans([work.plan('registry', ['a', 'b', 'c', 'd', 'e', 'f'])]);
    expect(work.mostAtOnce).toBe(4);
    expect(results.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('continues with other images when a registry refuses one', async () => {
    const work = new Work({ b: failure('ERR_REGISTRY_DENIED'), d: failure('ERR_REGISTRY_FAILED') });
    const { results, failures } = await applyPlans([
      work.plan('registry', ['a', 'b', 'c', 'd']),
      work.plan('files', ['e']),
    ]);
    expect(results.map(({ name }) => name)).toEqual(['a', 'c', 'e']);
    expect(failures).toHaveLength(2);
  });

  it('stops at a failure that would come again, and starts nothing more', async () => {
    const work = new Work({ b: failure('ERR_DISK_FULL') });
    const { results, failures } = await applyPlans([
      work.plan('files', ['a', 'b', 'c']),
      work.plan('registry', ['d']),
    ]);
    expect(results.map(({ name }) => name)).toEqual(['a']);
    expect(failures).toEqual([expect.objectContaining({ code: 'ERR_DISK_FULL' })]);
    expect(work.events.join('')).not.toMatch(/[cd]/);
  });

  it('interrupts what is under way, waits for it, and reports the first failure alone', async () => {
    const work = new Work({ b: failure('ERR_NETWORK_FAILED') });
    const { failures } = await applyPlans([work.plan('registry', ['a', 'b', 'c', 'd'])]);
    expect(failures).toEqual([expect.objectContaining({ code: 'ERR_NETWORK_FAILED' })]);
    expect(work.running).toBe(0);
    expect(work.signals.every((signal) => signal.aborted)).toBe(true);
  });

  it('ends as interrupted when the user stops it, and keeps what was done', async () => {
    const stop = new AbortController();
    const work = new Work({ b: () => stop.abort() });
    const { results, failures } = await applyPlans([work.plan('files', ['a', 'b', 'c', 'd'])], {
      signal: stop.signal,
    });
    expect(results.map(({ name }) => name)).toEqual(['a']);
    expect(failures).toEqual([expect.objectContaining({ code: 'ERR_INTERRUPTED' })]);
  });

  it('counts bytes and steps, and never more bytes than were planned', async () => {
    const work = new Work();
    const seen: ApplyProgress[] = [];
    await applyPlans([work.plan('files', ['a', 'b'], 10)], {
      onProgress: (progress) => void seen.push(progress),
    });
    expect(seen.at(-1)).toEqual({
      bytesDone: 20,
      bytesTotal: 20,
      actionsDone: 2,
      actionsTotal: 2,
      underWay: [],
    });
    expect(seen.every(({ bytesDone }) => bytesDone <= 20)).toBe(true);
  });
});

describe('errorOf', () => {
  const full = new SaddlebagError('ERR_DISK_FULL', 'full');
  const denied = new SaddlebagError('ERR_REGISTRY_DENIED', 'denied');
  const bug = new TypeError('bug');

  it('is the only failure itself', () => {
    expect(errorOf([full], 3)).toBe(full);
  });

  it('lets a bug and an interruption go before all others', () => {
    const interrupted = new SaddlebagError('ERR_INTERRUPTED', 'stop');
    expect(errorOf([full, bug], 3)).toBe(bug);
    expect(errorOf([denied, interrupted], 3)).toBe(interrupted);
  });

  it('has all of several', () => {
    const error = errorOf([denied, full], 5);
    expect(error).toBeInstanceOf(ProblemsError);
    expect(error).toMatchObject({
      code: 'ERR_TARGET_FAILED',
      message: 'Cannot install: 2 of 5 steps failed',
      problems: [denied, full],
    });
  });
});

function failure(code: ErrorCode): () => void {
  return () => {
    throw new SaddlebagError(code, code);
  };
}

/** Targets that do nothing, and remember when. `accidents` happen in the middle of the action of that name. */
class Work {
  readonly events: string[] = [];
  readonly signals: AbortSignal[] = [];
  running = 0;
  mostAtOnce = 0;
  readonly #accidents: Readonly<Record<string, () => void>>;

  constructor(accidents: Readonly<Record<string, () => void>> = {}) {
    this.#accidents = accidents;
  }

  plan(name: string, actions: readonly string[], bytes = 0): Plan {
    const all = actions.map((action): Action => ({
      target: name,
      kind: 'file',
      name: action,
      destination: `/${action}`,
      bytes,
      state: 'missing',
    }));
    return {
      actions: all,
      target: {
        name,
        place: '/',
        isOnDisk: name !== 'registry',
        actionsAtOnce: name === 'registry' ? 4 : undefined,
        reach: async () => undefined,
        plan: async () => all,
        apply: async (action, options) => {
          await this.#work(action.name, { ...options });
          return { ...action, outcome: 'placed' };
        },
        prove: async () => [],
      },
    };
  }

  async #work(name: string, { signal, onBytes }: ApplyOptions): Promise<void> {
    this.events.push(`+${name}`);
    if (signal) this.signals.push(signal);
    this.running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
    try {
      await new Promise((resolve) => setImmediate(resolve));
      this.#accidents[name]?.();
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      // As a retry would, it sends everything twice.
      onBytes?.(10);
      onBytes?.(10);
    } finally {
      this.running -= 1;
    }
    this.events.push(`-${name}`);
  }
}
