import { SaddlebagError } from '../../internal/error.ts';
import { compareText } from '../../internal/order.ts';
import { ProblemsError } from '../../internal/problems.ts';
import { encodeItem } from './encode-document.ts';
import { type Audience, type Item, kindOf, type PlannedItem } from './item.ts';

/**
 * Returns the items sorted by kind and name, each once. An item that two parts of a spec ask for is kept for the audiences
 * of both.
 *
 * @throws `ProblemsError` `ERR_BUNDLE_INVALID` naming every item that is two different things
 */
export function orderItems(items: readonly PlannedItem[]): readonly PlannedItem[] {
  // The order covers the whole encoding, so that it does not matter even for two equal items which came first.
  const sorted = items
    .map((planned) => ({ planned, key: keyOf(planned.item), text: JSON.stringify(encodeItem(planned.item)) }))
    .sort((left, right) => compareText(left.key, right.key) || compareText(left.text, right.text));
  const problems: SaddlebagError[] = [];
  const ordered: PlannedItem[] = [];
  for (const { planned } of sorted) {
    const last = ordered.at(-1);
    if (last === undefined || keyOf(last.item) !== keyOf(planned.item)) {
      ordered.push({ ...planned, item: withAudience(planned.item, planned.item.audience) });
    } else if (last.item.descriptor.digest !== planned.item.descriptor.digest) {
      problems.push(conflict(last.item, planned.item));
    } else {
      const audience = [...last.item.audience, ...planned.item.audience];
      ordered[ordered.length - 1] = {
        item: withAudience(withSpellings(last.item, planned.item), audience),
        blobs: [...last.blobs, ...planned.blobs],
      };
    }
  }
  if (problems.length === 0) return ordered;
  throw new ProblemsError('ERR_BUNDLE_INVALID', 'Cannot plan bundle: one name stands for two things', {
    problems,
  });
}

function keyOf(item: Item): string {
  return `${kindOf(item)}\n${item.name}`;
}

function withAudience(item: Item, audience: readonly Audience[]): Item {
  return { ...item, audience: [...new Set(audience)].sort(compareText) };
}

/** An image written in two ways keeps both spellings. */
function withSpellings(item: Item, other: Item): Item {
  if (item.kind !== 'image' || other.kind !== 'image') return item;
  if (item.spellings === undefined && other.spellings === undefined) return item;
  const spellings = [item, other].flatMap((image) => image.spellings ?? bareSpelling(image.name));
  return { ...item, spellings: [...new Set(spellings)].sort(compareText) };
}

function bareSpelling(name: string): string {
  return name.replace(/^docker\.io\/library\//, '');
}

function conflict(left: Item, right: Item): SaddlebagError {
  return new SaddlebagError(
    'ERR_BUNDLE_INVALID',
    `Cannot plan ${kindOf(left)} "${left.name}": it is "${left.descriptor.digest}" and "${right.descriptor.digest}"`,
    { hint: 'Ask for it once, or with the same platforms everywhere.' },
  );
}
