import { formatBytes } from '../../internal/format.ts';
import type { KitResult } from '../../steps/kit.ts';
import { printable } from './printable.ts';

/** Returns the table rows that describe a kit. */
export function kitRows(kit: KitResult | undefined): readonly [string, string][] {
  if (kit === undefined) return [];
  const { path, node, platforms, bytes, digest } = kit;
  return [
    ['kit', `${printable(path)}: Node.js ${node} for ${platforms.join(', ')}, ${formatBytes(bytes)}`],
    ['kit sums', digest],
  ];
}
