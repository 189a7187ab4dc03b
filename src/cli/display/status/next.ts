import type { NextStep } from '../../outcome.ts';
import { printable } from '../printable.ts';
import type { Style } from '../style.ts';

/** Returns what comes next as text, a line for each step, without a trailing newline. */
export function renderNext(steps: readonly NextStep[], style: Style): string {
  return steps
    .map(({ text, command }, index) => {
      const head = style('strong', index === 0 ? 'next:' : 'then:');
      return `${head} ${printable(command === undefined ? text : `${text}: ${command}`)}`;
    })
    .join('\n');
}
