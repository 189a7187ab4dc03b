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
  /**
   * Specs with the example in it, beside the keys that must be there, and beside all others: at least one is valid, as some keys
   * need another one and some exclude each other.
   */
  readonly documents: readonly Document[];
}

type Document = Readonly<Record<string, unknown>>;

type Schema = Readonly<Record<string, unknown>>;
/** Returns the spec around a value. */
type Around = (value: unknown) => Document;

/** Returns every key of a spec with these sources; a key that has two forms is there for each of them. */
export function specKeys(sources: readonly Source[]): readonly SpecKey[] {
  const schema = z.toJSONSchema(specSchema(sources), { io: 'input' });
  // A spec must ask for something.
  return keysIn(schema, '', (whole) => ({ images: ['busybox'], ...Object(whole) }));
}

/** Returns the keys of a mapping. */
function keysIn(schema: Schema, path: string, around: Around): readonly SpecKey[] {
  const properties = propertiesOf(schema);
  const required = requiredOf(schema);
  const needed = Object.fromEntries(Object.entries(properties).filter(([key]) => required.includes(key)));
  return Object.entries(properties).flatMap(([key, property]) => {
    const beside = (others: Readonly<Record<string, Schema>>): Around => {
      const siblings = examplesOf(others);
      return (value) => around({ ...siblings, [key]: value });
    };
    return keyAt(property, path === '' ? key : `${path}.${key}`, {
      isRequired: required.includes(key),
      arounds: [beside(needed), beside(properties)],
    });
  });
}

function keyAt(
  schema: Schema,
  path: string,
  { isRequired, arounds }: { readonly isRequired: boolean; readonly arounds: readonly [Around, Around] },
): readonly SpecKey[] {
  const { default: usual } = schema;
  const example = exampleOf(schema);
  const inner = innerKeys(schema, path, arounds[0]);
  const meaning = meaningOf(schema);
  // A key that only holds other keys needs no line.
  if (meaning === '' && inner.length > 0) return inner;
  const isNone = Array.isArray(usual) && usual.length === 0;
  const type = typeOf(schema);
  const documents = arounds.map((around) => around(example));
  return [
    { path, type, isRequired, meaning, usual: isNone ? undefined : usual, example, documents },
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

/** Returns what a schema gives as an example, or what follows from it; of a mapping, what it must have, or its first key. */
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
  if (type !== 'object') return undefined;
  const required = requiredOf(schema);
  const entries = Object.entries(propertiesOf(schema));
  const shown =
    required.length === 0 ? entries.slice(0, 1) : entries.filter(([key]) => required.includes(key));
  return examplesOf(Object.fromEntries(shown));
}

function examplesOf(properties: Readonly<Record<string, Schema>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(properties).map(([key, schema]) => [key, exampleOf(schema)]));
}

function requiredOf({ required }: Schema): readonly unknown[] {
  return Array.isArray(required) ? required : [];
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
