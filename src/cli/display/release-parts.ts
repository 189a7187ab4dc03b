import { formatBytes, formatCount } from '../../internal/format.ts';
import type { PartSize, ReleaseSize } from '../../verbs/build.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { formatTable } from './table.ts';

/** Returns what each part of a release makes of a bundle, and what does not work without it. */
export function describeParts(release: ReleaseSize, style: Style): readonly string[] {
  const taken = release.parts.filter(({ images }) => images > 0);
  const lacking = release.parts.filter(({ images, leftOut }) => images === 0 || leftOut > 0);
  const size = `${formatCount(release.images, 'image')}, ${formatBytes(release.bytes)}`;
  return [
    `${style('strong', release.name)} by part: ${size}, of which parts share ${formatBytes(release.sharedBytes)}`,
    formatTable(
      [
        ['part', 'images', 'alone', 'shared', 'without it'],
        ...taken.map((part) => [
          printable(part.name),
          String(part.images),
          formatBytes(part.bytes),
          formatBytes(part.sharedBytes),
          part.without === undefined ? 'always taken: nothing works without it' : printable(part.without),
        ]),
      ],
      { indent: '  ', right: [1, 2, 3] },
    ),
    ...(lacking.length === 0
      ? []
      : [
          'left out on purpose:',
          formatTable(
            lacking.map((part) => [
              printable(part.name),
              formatCount(part.leftOut, 'image'),
              printable(lackOf(part)),
            ]),
            { indent: '  ' },
          ),
        ]),
  ];
}

function lackOf({ images, leftOut, without = '' }: PartSize): string {
  if (images > 0) return 'of other versions, or of charts that are not taken';
  return leftOut > 0 ? without : 'other parts want all that it has';
}
