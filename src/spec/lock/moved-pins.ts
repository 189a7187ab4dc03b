import type { Finding } from '../../internal/finding.ts';
import type { Moved } from './compare.ts';

/**
 * Returns a warning for everything that moved upstream since it was locked, by name, with what it was and what it is. Of
 * a vast section, such as all releases of K3s, only what the spec itself mentions is worth a word.
 */
export function movedPins(moved: readonly Moved[], mentioned: ReadonlySet<string>): readonly Finding[] {
  return moved
    .filter(({ isVast, name }) => !isVast || mentioned.has(name))
    .map(({ title, name, was, is }) => ({
      level: 'warning',
      message: `${title}${title === '' ? '' : ' '}"${name}" moved: was "${was}", is "${is}"`,
    }));
}
