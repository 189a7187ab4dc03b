import { SaddlebagError } from './error.ts';

/** Throws `ERR_INTERRUPTED` when `signal` has fired: an abort leaves our code only this way, whatever its reason. */
export function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interrupted(signal);
}

/** Returns the error an interrupted operation ends with. */
export function interrupted(signal?: AbortSignal): SaddlebagError {
  return new SaddlebagError('ERR_INTERRUPTED', 'Cannot finish: interrupted', { cause: signal?.reason });
}

/** What to call when a signal fires. */
const listeners = new WeakMap<AbortSignal, Listeners>();

interface Listeners {
  readonly calls: Set<() => void>;
  readonly fire: () => void;
}

/**
 * Calls `call` once when `signal` fires, unless {@link offInterrupt} comes first. Thousands of requests share one signal, which searches
 * through all its listeners for each that comes or goes: here it has a single one.
 */
export function onInterrupt(signal: AbortSignal | undefined, call: () => void): void {
  if (signal === undefined) return;
  const known = listeners.get(signal);
  if (known !== undefined) return void known.calls.add(call);
  const calls = new Set([call]);
  const fire = (): void => {
    // As with any signal: what is taken back meanwhile is not called, nor what is added.
    const due = new Set(calls);
    for (const each of due) if (calls.delete(each)) each();
    listeners.delete(signal);
  };
  listeners.set(signal, { calls, fire });
  signal.addEventListener('abort', fire, { once: true });
}

/** Takes back {@link onInterrupt}. */
export function offInterrupt(signal: AbortSignal | undefined, call: () => void): void {
  const known = signal === undefined ? undefined : listeners.get(signal);
  if (signal === undefined || known === undefined) return;
  known.calls.delete(call);
  if (known.calls.size > 0) return;
  // A combined signal that has a listener is never collected.
  signal.removeEventListener('abort', known.fire);
  listeners.delete(signal);
}
