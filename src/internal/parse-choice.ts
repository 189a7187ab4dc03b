import { SaddlebagError } from './error.ts';
import { nearest } from './nearest.ts';

/** Returns the value of an option that takes one of a few words. @throws `ERR_USAGE_INVALID` */
export function parseChoice<T extends string>(option: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((one) => one === text);
  if (choice !== undefined) return choice;
  const near = nearest(text, choices);
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot use ${option} ${JSON.stringify(text)}: expected ${choices.join(', ')}`,
    { hint: near === undefined ? undefined : `Did you mean ${JSON.stringify(near)}?` },
  );
}
