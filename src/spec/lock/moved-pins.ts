import type { Finding } from '../../internal/finding.ts';
import type { Moved } from './compare.ts';

const NAMES: Readonly<Record<Moved['kind'], string>> = {
  reference: 'Image ',
  url: '',
  answer: '',
  chart: 'Chart ',
  channel: 'K3s channel ',
  release: 'K3s release ',
};

/**
 * Returns a warning for everything that moved upstream since it was locked, by name, with what it was and what it is. Of
 * all the channels and releases of K3s, only what the spec itself mentions is worth a word.
 */
export function movedPins(moved: readonly Moved[], mentioned: ReadonlySet<string>): readonly Finding[] {
  return moved
    .filter(({ kind, name }) => (kind === 'channel' || kind === 'release' ? mentioned.has(name) : true))
    .map(({ kind, name, was, is }) => ({
      level: 'warning',
      message: `${NAMES[kind]}"${name}" moved: was "${was}", is "${is}"`,
    }));
}
