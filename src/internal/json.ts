/** Encodes one of our documents: keys in the given order, two spaces, a final newline, so that it reads and diffs by line. */
export function encodeJson(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

/** Yields the text of {@link encodeJson} for an object, whose lists and those of its members may be of any kind: a row of them is made after the other. */
export function* jsonTexts(document: Readonly<Record<string, unknown>>): Generator<string, void, undefined> {
  yield* memberTexts(document, '');
  yield '\n';
}

/** Yields the same for a list. */
export function* jsonListTexts(rows: Iterable<unknown>): Generator<string, void, undefined> {
  yield* rowTexts(rows, '');
  yield '\n';
}

/** Returns whether `value` is a JSON object: not an array, not null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const STEP = '  ';

function* memberTexts(
  document: Readonly<Record<string, unknown>>,
  indent: string,
): Generator<string, void, undefined> {
  let before = '{';
  const inner = indent + STEP;
  for (const [key, value] of Object.entries(document)) {
    if (value === undefined) continue;
    yield `${before}\n${inner}${JSON.stringify(key)}: `;
    if (isIterable(value)) yield* rowTexts(value, inner);
    else if (isRecord(value)) yield* memberTexts(value, inner);
    else yield JSON.stringify(value);
    before = ',';
  }
  yield before === '{' ? '{}' : `\n${indent}}`;
}

function* rowTexts(rows: Iterable<unknown>, indent: string): Generator<string, void, undefined> {
  let before = '[';
  for (const row of rows) {
    yield `${before}\n${indent}${STEP}${indented(row, indent + STEP)}`;
    before = ',';
  }
  yield before === '[' ? '[]' : `\n${indent}]`;
}

/** No text inside JSON has a line break of its own. */
function indented(value: unknown, indent: string): string {
  return JSON.stringify(value, null, STEP).replaceAll('\n', `\n${indent}`);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
