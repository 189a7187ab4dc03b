import type { PlannedItem } from '../../../bundle/format/item.ts';
import { formatCount } from '../../../internal/format.ts';
import { compareText } from '../../../internal/order.ts';
import type { SourceContext } from '../../source.ts';
import type { ResolvedChart } from '../charts.ts';

/** How many names to show: a list may have hundreds. */
const SHOWN = 10;

/**
 * Warns of texts in charts that look like images but are not in the bundle. Operators name images in arguments, variables and
 * settings that no image field covers.
 */
export function tellLookalikes(
  charts: readonly ResolvedChart[],
  items: readonly PlannedItem[],
  { warn }: Pick<SourceContext, 'warn'>,
): void {
  const carried = new Set(items.flatMap(({ item }) => (item.kind === 'image' ? [item.name] : [])));
  for (const { planned, lookalikes } of charts) {
    const missing = [...new Set(lookalikes)].filter((name) => !carried.has(name)).sort(compareText);
    if (missing.length === 0) continue;
    const more = missing.length > SHOWN ? ` and ${missing.length - SHOWN} more` : '';
    warn({
      level: 'warning',
      message: `${formatCount(missing.length, 'text')} in chart "${planned.item.name}" may be images and are not in the bundle: ${missing.slice(0, SHOWN).join(', ')}${more}`,
      hint: 'List under "images" those that the chart will ask for, and the others under "exclude" beside the chart.',
    });
  }
}
