import { SaddlebagError } from '../internal/error.ts';
import { parseChoice } from '../internal/parse-choice.ts';
import { nearest } from '../internal/nearest.ts';
import { uniqueBy } from '../internal/order.ts';
import type { TargetKind, TargetOption } from './kind.ts';

export type { TargetOption };

/**
 * Which targets a user names and how to fill them: values by option name, `{ 'k3s-node': '/mnt/root' }`. True is an
 * option without a value, false an option that is off.
 */
export type TargetChoice = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** Returns the options of all kinds, in order; an option that several kinds share appears once. */
export function optionsOf(kinds: readonly TargetKind[]): readonly TargetOption[] {
  return uniqueBy(
    kinds.flatMap(({ option, settings = [] }) => [option, ...settings]),
    ({ name }) => name,
  );
}

/** Makes sure that a choice names only existing options, with allowed values. @throws `ERR_USAGE_INVALID` */
export function checkChoice(choice: TargetChoice, kinds: readonly TargetKind[]): void {
  const options = new Map(optionsOf(kinds).map((option) => [option.name, option]));
  for (const name of Object.keys(choice)) {
    const option = options.get(name);
    if (option === undefined) throw unknown(name, [...options.keys()]);
    for (const value of valuesOf(choice, name)) {
      if (value === true && option.form !== 'place' && option.form !== 'flag') throw lacking(option);
      if (value !== true && option.form === 'flag') throw excess(option);
      if (value === true) continue;
      if (option.choices !== undefined) parseChoice(`--${name}`, value, option.choices);
      option.check?.(value);
    }
  }
}

/** Returns the values a choice has for one option. */
export function valuesOf(choice: TargetChoice, name: string): readonly (string | true)[] {
  const value = choice[name];
  if (value === undefined || value === false) return [];
  return typeof value === 'object' ? value : [value];
}

function unknown(name: string, names: readonly string[]): SaddlebagError {
  const near = nearest(name, names);
  return new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot choose targets: there is no option ${JSON.stringify(name)}`,
    { hint: near === undefined ? `Options: ${names.join(', ')}.` : `Did you mean "${near}"?` },
  );
}

function lacking({ name, value = 'VALUE' }: TargetOption): SaddlebagError {
  return new SaddlebagError('ERR_USAGE_INVALID', `Cannot use --${name}: its value is missing`, {
    hint: `Write --${name} ${value}.`,
  });
}

function excess({ name }: TargetOption): SaddlebagError {
  return new SaddlebagError('ERR_USAGE_INVALID', `Cannot use --${name}: it takes no value`, {
    hint: `Write --${name} alone.`,
  });
}
