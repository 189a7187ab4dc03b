import type { PlannedItem } from '../../../bundle/format/item.ts';
import { openSaved } from '../../../saved/open.ts';
import type { SourceContext } from '../../source.ts';
import { bundleImages } from './bundle.ts';
import { resolveHeld, type SavedRules } from './held.ts';
import type { SavedPart } from './part.ts';
import { SAVED_IMAGES } from './pin.ts';

/** An archive of a spec, and where it is. */
export interface SavedWish extends SavedPart {
  readonly at: string;
}

/**
 * Turns the images of an archive on this host into items.
 *
 * @throws what `openSaved` and `resolveHeld` throw
 */
export async function resolveSaved(
  wish: SavedWish,
  rules: SavedRules,
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  const options = { written: wish.archive, signal: context.signal };
  const saved = (await openSaved(wish.at, options)) ?? (await bundleImages(wish.at, options));
  const locked = { question: SAVED_IMAGES, written: wish.archive, isWhole: true };
  return await resolveHeld({ saved, part: wish, locked }, rules, context);
}
