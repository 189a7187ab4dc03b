import type { Path } from '../../yaml/place.ts';
import type { ComponentPlace } from './place.ts';

/**
 * Returns a text with the placeholders that the file itself answers; `undefined` after telling of others, which Zarf asks for
 * at another time: a name that still has one would be no name.
 */
export function resolved(
  written: string,
  path: Path,
  { architecture, sheet }: ComponentPlace,
): string | undefined {
  const text = architecture === '' ? written : written.replaceAll('###ZARF_PKG_ARCH###', architecture);
  const left = /###ZARF_[A-Z0-9_]+###/.exec(text)?.[0];
  if (left === undefined) return text;
  return sheet.refuse(path, `nothing says what ${left} is`, {
    hint:
      left === '###ZARF_PKG_ARCH###'
        ? 'Write metadata.architecture, or the architecture itself.'
        : 'Write the value in its place.',
  });
}
