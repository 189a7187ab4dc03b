import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { offInterrupt, onInterrupt } from '../../src/internal/interrupt.ts';

describe('what is called when a signal fires', () => {
  it('is called once, each in its turn, and not if it was taken back', () => {
    const stop = new AbortController();
    const calls: string[] = [];
    const [first, second, third] = ['first', 'second', 'third'].map((name) => () => void calls.push(name));
    for (const call of [first, second, third]) if (call !== undefined) onInterrupt(stop.signal, call);
    if (second !== undefined) offInterrupt(stop.signal, second);
    stop.abort();
    stop.abort();
    expect(calls).toEqual(['first', 'third']);
  });

  it('shares one listener of the signal, which is gone with the last of them', () => {
    const { signal } = new AbortController();
    const calls = Array.from({ length: 100 }, () => () => undefined);
    for (const call of calls) onInterrupt(signal, call);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for (const call of calls) offInterrupt(signal, call);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('leaves out what was taken back by an earlier call, and what that added', () => {
    const stop = new AbortController();
    const calls: string[] = [];
    const again = (): void => {
      calls.push('again');
      // The signal has fired: nothing will call this.
      onInterrupt(stop.signal, () => void calls.push('too late'));
      offInterrupt(stop.signal, other);
    };
    const other = (): void => void calls.push('other');
    onInterrupt(stop.signal, again);
    onInterrupt(stop.signal, other);
    stop.abort();
    expect(calls).toEqual(['again']);
  });

  it('is nothing without a signal', () => {
    const call = (): void => undefined;
    expect(() => {
      onInterrupt(undefined, call);
      offInterrupt(undefined, call);
    }).not.toThrow();
  });
});
