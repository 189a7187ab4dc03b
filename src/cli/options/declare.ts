import { Option } from 'clipanion';

/** An option as declared. */
export interface OptionEntry {
  /** The long name comes last. */
  readonly names: readonly string[];
  /** Name of its value in the usage; left out for a flag. */
  readonly value?: string | undefined;
  /** The value is optional and must be attached with `=`. */
  readonly isValueOptional?: boolean | undefined;
  /** Allowed values; when left out, any. */
  readonly choices?: readonly string[] | undefined;
  readonly description: string;
}

/** A positional argument as declared. */
export interface PositionalEntry {
  /** Its name in the usage. */
  readonly name: string;
  readonly isRequired: boolean;
  /** It takes all remaining arguments. */
  readonly isRest: boolean;
  /** Allowed values; when left out, any. */
  readonly choices?: readonly string[] | undefined;
}

/** Help needs more than the library keeps of a declaration. The rest is kept here, by the object that the library returned. */
const options = new WeakMap<object, OptionEntry>();
const positionals = new WeakMap<object, PositionalEntry>();

/** Returns the declared options and arguments of a new command, in that order. */
export function declarationsOf(command: object): {
  readonly options: readonly OptionEntry[];
  readonly positionals: readonly PositionalEntry[];
} {
  const fields = Object.values(command).filter(isObject);
  return {
    options: fields.flatMap((field) => options.get(field) ?? []),
    positionals: fields.flatMap((field) => positionals.get(field) ?? []),
  };
}

/** Declares an option with a value, which help and reference call `value`. */
export function valueOption(name: string, value: string, description: string): string | undefined {
  return declare(options, Option.String(spelled(name)), { names: name.split(','), value, description });
}

/** Declares an option with a fixed set of values. */
export function choiceOption(
  name: string,
  choices: readonly string[],
  description: string,
): string | undefined {
  const entry = { names: name.split(','), value: choices.join('|'), choices, description };
  return declare(options, Option.String(spelled(name)), entry);
}

/** Declares an option with an optional value, attached with `=`. */
export function placeOption(name: string, value: string, description: string): string | boolean | undefined {
  const entry = { names: name.split(','), value, isValueOptional: true, description };
  return declare(options, Option.String(spelled(name), { tolerateBoolean: true }), entry);
}

/** Declares an option that may be repeated. */
export function listOption(name: string, value: string, description: string): string[] | undefined {
  return declare(options, Option.Array(spelled(name)), { names: name.split(','), value, description });
}

/** Declares an option without a value. */
export function flagOption(name: string, description: string): boolean {
  return declare(options, Option.Boolean(spelled(name), false), { names: name.split(','), description });
}

/** Declares a required argument. */
export function argument(name: string, choices?: readonly string[]): string {
  const entry = { name, isRequired: true, isRest: false, choices };
  return declare(positionals, Option.String({ name, required: true }), entry);
}

/** Declares an optional argument. */
export function optionalArgument(name: string, choices?: readonly string[]): string | undefined {
  const entry = { name, isRequired: false, isRest: false, choices };
  return declare(positionals, Option.String({ name, required: false }), entry);
}

/** Declares all remaining arguments, at least `required` of them. */
export function restArguments(name: string, required: 0 | 1 = 0): string[] {
  const entry = { name, isRequired: required > 0, isRest: true };
  return declare(positionals, Option.Rest({ name, required }), entry);
}

/** Returns the library's name for an option: the long one, with digits replaced because the library allows only letters. */
export function spelled(names: string): string {
  const [long = ''] = names.split(',').slice(-1);
  return long.replace(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)));
}

function declare<Value, Entry>(entries: WeakMap<object, Entry>, option: Value, entry: Entry): Value {
  if (isObject(option)) entries.set(option, entry);
  return option;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
