import type { Finding } from '../../internal/finding.ts';
import type { Moved, Unshared } from './compare.ts';

/**
 * Returns a warning for everything that moved upstream since it was locked, with its name, the old and the new value. Of a vast
 * section, such as all K3s releases, only pins that the spec mentions are reported.
 */
export function movedPins(moved: readonly Moved[], mentioned: ReadonlySet<string>): readonly Finding[] {
  return moved
    .filter(({ isVast, name }) => !isVast || mentioned.has(name))
    .map(({ title, name, was, is }) => ({
      level: 'warning',
      message: `${subject({ title, name })} moved: was "${was}", is "${is}"`,
    }));
}

/** Returns a warning for everything that the lock lacks, and for everything in it that is no longer asked for. */
export function unsharedWarnings({
  fresh,
  gone,
}: {
  readonly fresh: readonly Unshared[];
  readonly gone: readonly Unshared[];
}): readonly Finding[] {
  return [
    ...fresh.map((pin) => `${subject(pin)} is not in the lock`),
    ...gone.map((pin) => `${subject(pin)} is in the lock, and no longer needed`),
  ].map((message) => ({ level: 'warning', message }));
}

function subject({ title, name }: Unshared): string {
  return title === '' ? `"${name}"` : `${title} "${name}"`;
}
