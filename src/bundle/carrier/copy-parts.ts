import { Gate, mapConcurrently } from '../../internal/gate.ts';
import { copyGraph, type CopyOptions } from '../../oci/copy.ts';
import { Ledger } from '../../oci/ledger.ts';
import type { EncodedCarrier } from './layout.ts';

/** Parts under way at once, so that the last blobs of one do not keep the next waiting. */
const AHEAD = 2;

/**
 * Copies what a carrier is made of: each part with its files, by itself. So a bundle may have more files than one graph may have
 * pieces, and a part is complete at the registry before its blobs are old enough to be collected.
 *
 * @throws what `copyGraph` throws
 */
export async function copyParts(
  { root, parts }: EncodedCarrier,
  options: Omit<CopyOptions, 'tag' | 'repository' | 'ledger'>,
): Promise<void> {
  const { from, to, mountFrom, onEvent, gate = new Gate(AHEAD), signal: outer } = options;
  const ledger = new Ledger();
  const stop = new AbortController();
  const signal = outer === undefined ? stop.signal : AbortSignal.any([outer, stop.signal]);
  const failures: unknown[] = [];
  await mapConcurrently(parts.length === 0 ? [root] : parts, AHEAD, async (part) => {
    if (stop.signal.aborted) return;
    try {
      await copyGraph(part, { from, to, gate, ledger, mountFrom, onEvent, signal });
    } catch (error) {
      failures.push(error);
      stop.abort(error);
    }
  });
  if (failures.length > 0) throw failures[0];
  if (parts.length > 0) await to.push(root, from, { signal });
}
