import type { PlannedItem } from '../../../src/bundle/format/item.ts';
import { plannedFiles } from './layers.ts';

/** Returns the text of a file that a planned artifact has at hand. */
export function plannedText(items: readonly PlannedItem[], name: string): string {
  const origin = items.flatMap(plannedFiles).find((file) => file.name === name)?.origin;
  if (origin?.type !== 'bytes') throw new Error(`expected the bytes of "${name}" to be at hand`);
  return Buffer.from(origin.bytes).toString();
}
