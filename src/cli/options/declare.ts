import { Option } from 'clipanion';

/** An option, as it was declared. */
export interface OptionEntry {
  /** The long name comes last. */
  readonly names: readonly string[];
  /** What its value is called; left out for a flag. */
  readonly value?: string | undefined;
  /** The value may be left out; when it is there, `=` ties it to the name. */
  readonly isValueOptional?: boolean | undefined;
  /** The words that the value may be; any when left out. */
  readonly choices?: readonly string[] | undefined;
  readonly description: string;
}

/** An argument without an option's name, as it was declared. */
export interface PositionalEntry {
  /** What the usage calls it. */
  readonly name: string;
  readonly isRequired: boolean;
  /** It takes all arguments that follow. */
  readonly isRest: boolean;
  /** The words that it may be; any when left out. */
  readonly choices?: readonly string[] | undefined;
}

/** What the library keeps of a declaration is not enough for help, so the rest is kept here, by what it returned. */
const options = new WeakMap<object, OptionEntry>();
const positionals = new WeakMap<object, PositionalEntry>();

/** Returns what the options and arguments of a fresh command were declared as, in that order. */
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

/** Declares an option that takes a value; help and reference call the value `value`. */
export function valueOption(name: string, value: string, description: string): string | undefined {
  return declare(options, Option.String(spelled(name)), { names: name.split(','), value, description });
}

/** Declares an option whose value is one of a few words. */
export function choiceOption(
  name: string,
  choices: readonly string[],
  description: string,
): string | undefined {
  const entry = { names: name.split(','), value: choices.join('|'), choices, description };
  return declare(options, Option.String(spelled(name)), entry);
}

/** Declares an option whose value may be left out; it is tied to the name with `=`. */
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

/** Declares an argument that has to be there. */
export function argument(name: string, choices?: readonly string[]): string {
  const entry = { name, isRequired: true, isRest: false, choices };
  return declare(positionals, Option.String({ name, required: true }), entry);
}

/** Declares an argument that may be left out. */
export function optionalArgument(name: string, choices?: readonly string[]): string | undefined {
  const entry = { name, isRequired: false, isRest: false, choices };
  return declare(positionals, Option.String({ name, required: false }), entry);
}

/** Declares all arguments that follow, at least `required` of them. */
export function restArguments(name: string, required: 0 | 1 = 0): string[] {
  const entry = { name, isRequired: required > 0, isRest: true };
  return declare(positionals, Option.Rest({ name, required }), entry);
}

/** Returns the name by which the library knows an option: the long one, in which it wants letters and no digits. */
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
