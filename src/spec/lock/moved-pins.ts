import type { Finding } from '../../internal/finding.ts';
import type { Moved } from './compare.ts';

/**
 * Returns a warning for everything that moved upstream since it was locked, with its name, the old and the new value. Of a vast
 * section, such as all K3s releases, only pins that the spec mentions are reported.
 */
export function movedPins(moved: readonly Moved[], mentioned: ReadonlySet<string>): readonly Finding[] {
  return moved
    .filter(({ isVast, name }) => !isVast || mentioned.has(name))
    .map(({ title, name, was, is }) => ({
      level: 'warning',
      message: `${title}${title === '' ? '' : ' '}"${name}" moved: was "${was}", is "${is}"`,
    }));
}
