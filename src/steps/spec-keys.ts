import * as z from 'zod';
import { isRecord } from '../internal/json.ts';
import type { Source } from '../sources/source.ts';
import { specSchema } from '../spec/schema.ts';

/** A key of the spec file, for people. */
export interface SpecKey {
  /** `files[].url`: of each in a list; `configs.*.auth`: of each name that the user chooses. */
  readonly path: string;
  readonly type: string;
  readonly isRequired: boolean;
  /** Its meaning; left out for a key that only holds others. */
  readonly meaning: string;
  /** Its value when left out, where that is not an empty list. */
  readonly usual?: unknown;
  readonly example: unknown;
  /** A spec that is valid, with the example in it. */
  readonly document: Readonly<Record<string, unknown>>;
}

type Schema = Readonly<Record<string, unknown>>;
/** Returns the spec around a value. */
type Around = (value: unknown) => Readonly<Record<string, unknown>>;

/** Returns every key of a spec with these sources; a key that has two forms is there for each of them. */
export function specKeys(sources: readonly Source[]): readonly SpecKey[] {
  const schema = z.toJSONSchema(specSchema(sources), { io: 'input' });
  return keysIn(schema, '', (whole) => (isRecord(whole) ? whole : {}));
}

/** Returns the keys of a mapping. */
function keysIn(schema: Schema, path: string, around: Around): readonly SpecKey[] {
  const properties = propertiesOf(schema);
  const required: readonly unknown[] = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(properties).flatMap(([key, property]) => {
    const within: Around = (value) => around({ ...examplesOf(properties), [key]: value });
    return keyAt(property, path === '' ? key : `${path}.${key}`, {
      isRequired: required.includes(key),
      around: within,
    });
  });
}

function keyAt(
  schema: Schema,
  path: string,
  { isRequired, around }: { readonly isRequired: boolean; readonly around: Around },
): readonly SpecKey[] {
  const { default: usual } = schema;
  const example = exampleOf(schema);
  const inner = innerKeys(schema, path, around);
  const meaning = meaningOf(schema);
  // A key that only holds other keys needs no line.
  if (meaning === '' && inner.length > 0) return inner;
  const isNone = Array.isArray(usual) && usual.length === 0;
  const type = typeOf(schema);
  const document = around(example);
  return [
    { path, type, isRequired, meaning, usual: isNone ? undefined : usual, example, document },
    ...inner,
  ];
}

/** Returns the keys of all mappings that a value may hold. */
function innerKeys(schema: Schema, path: string, around: Around): readonly SpecKey[] {
  const { items, additionalProperties: named } = schema;
  const of = (value: unknown, at: string, within: Around): readonly SpecKey[] =>
    isRecord(value) ? innerKeys(value, at, within) : [];
  return [
    ...of(items, `${path}[]`, (value) => around([value])),
    ...of(named, `${path}.*`, (value) => around({ [NAME]: value })),
    ...keysIn(schema, path, around),
    ...innerKeysOfForms(choicesOf(schema), path, around),
  ];
}

/** What one of two forms must have, the other may not have. */
function innerKeysOfForms(forms: readonly Schema[], path: string, around: Around): readonly SpecKey[] {
  const mappings = forms.filter(({ type }) => type === 'object');
  return forms
    .flatMap((form) => innerKeys(form, path, around))
    .map((key) => (mappings.length > 1 ? { ...key, isRequired: false } : key));
}

/** A name that a user may have chosen. */
const NAME = 'mirror.example';

/** Returns what a schema gives as an example, or what follows from it; of a mapping, all of its keys. */
function exampleOf(schema: Schema): unknown {
  const { examples, const: only, enum: words, type, items, default: usual } = schema;
  if (Array.isArray(examples)) return examples[0];
  if (only !== undefined) return only;
  // Whoever writes a key wants something else than without it.
  if (type === 'boolean') return usual !== true;
  if (Array.isArray(words)) return words.findLast((word) => word !== usual);
  const [choice] = choicesOf(schema);
  if (choice !== undefined) return exampleOf(choice);
  if (type === 'array') return isRecord(items) ? [exampleOf(items)] : [];
  const { additionalProperties: named } = schema;
  if (isRecord(named)) return { [NAME]: exampleOf(named) };
  return type === 'object' ? examplesOf(propertiesOf(schema)) : undefined;
}

function examplesOf(properties: Readonly<Record<string, Schema>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(properties).map(([key, schema]) => [key, exampleOf(schema)]));
}

function propertiesOf({ properties }: Schema): Readonly<Record<string, Schema>> {
  const entries = isRecord(properties) ? Object.entries(properties) : [];
  return Object.fromEntries(entries.flatMap(([key, value]) => (isRecord(value) ? [[key, value]] : [])));
}

function choicesOf({ anyOf }: Schema): readonly Schema[] {
  return Array.isArray(anyOf) ? anyOf.filter(isRecord) : [];
}

function meaningOf({ description, items }: Schema): string {
  if (typeof description === 'string') return description;
  return isRecord(items) && typeof items['description'] === 'string' ? items['description'] : '';
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'mapping',
  boolean: 'true or false',
  null: 'nothing',
};

function typeOf(schema: Schema): string {
  const { type, items, enum: words, const: only } = schema;
  const choices = choicesOf(schema);
  if (choices.length > 0) return [...new Set(choices.map(typeOf))].join(' or ');
  if (Array.isArray(words)) return words.map((word) => `\`${String(word)}\``).join(' or ');
  if (only !== undefined) return `\`${JSON.stringify(only)}\``;
  if (type === 'array') return `list of ${isRecord(items) ? typeOf(items) : 'anything'}`;
  return TYPES[String(type)] ?? String(type);
}
