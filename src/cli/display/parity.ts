import type { ParityResult } from '../../bundle/parity/make.ts';
import { formatBytes, formatCount } from '../../internal/format.ts';
import { printable } from './printable.ts';

/** Returns what a parity file is and repairs: `lab.tar.par, 52.4 MiB: repairs 50.0 MiB in one place, or 1 volume`. */
export function describeParity({ path, bytes, repairs, volumes = 0 }: ParityResult): string {
  const lost = volumes === 0 ? '' : `, or ${formatCount(volumes, 'lost volume')}`;
  return `${printable(path)}, ${formatBytes(bytes)}: repairs ${formatBytes(repairs)} in one place${lost}`;
}
