import type { Exchange } from './exchange.ts';

/** Answers in rounds, so that a client shows which of its requests wait for each other, whatever the machine is doing. */
export interface LockStep {
  /** Holds a request until nothing has come for a while, and then answers all that are held. */
  readonly intercept: (exchange: Exchange) => Promise<false>;
  /** Rounds so far, as lists of `GET manifest` and the like. */
  readonly rounds: readonly (readonly string[])[];
  clear(): void;
}

/** Returns an `intercept` for a registry. `quiet` (milliseconds) has to be longer than a client thinks between two requests. */
export function lockStep({ quiet = 150 }: { readonly quiet?: number } = {}): LockStep {
  const rounds: string[][] = [];
  let held: { readonly kind: string; readonly go: () => void }[] = [];
  let timer: NodeJS.Timeout | undefined;
  const release = (): void => {
    const round = held;
    held = [];
    rounds.push(round.map(({ kind }) => kind).sort());
    for (const { go } of round) go();
  };
  return {
    rounds,
    intercept: async ({ entry }) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      held.push({ kind: `${entry.method} ${entry.topic}`, go: resolve });
      clearTimeout(timer);
      timer = setTimeout(release, quiet);
      await promise;
      return false;
    },
    clear: () => {
      rounds.length = 0;
    },
  };
}
