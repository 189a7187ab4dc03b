import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL, filesOf } from '../../scripts/examples/content.ts';
import { documentOf } from '../../scripts/examples/forge.ts';
import { openArchive } from '../../src/archive/open.ts';
import { BUNDLE_DOCUMENT_SCHEMA } from '../../src/bundle/format/schema.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { LAYOUT } from '../../src/bundle/format/layout.ts';
import { collectBytes } from '../../src/internal/bytes.ts';
import { EXAMPLES, listedExamples } from '../support/archives/example-bundles.ts';

/** The same changes each time: a test must not fail on one day and pass on the next. */
const SEED = 20_260_820;
const SCHEMAS = join(EXAMPLES, '..', 'schema');
const names = readdirSync(SCHEMAS, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.json'),
);

function schemaOf(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(SCHEMAS, name), 'utf8'));
}

function compile(name: string): ValidateFunction {
  return new Ajv2020({ strict: true, allErrors: true, formats: { uri: true } }).compile(schemaOf(name));
}

/** `bundle.json` of an example, if it is JSON. */
async function documentIn(path: string): Promise<unknown> {
  await using archive = await openArchive(join(EXAMPLES, path));
  const onExcess = (): Error => new Error('too large');
  const bytes = await collectBytes(archive.stream(LAYOUT.document), { limit: 1e6, onExcess });
  return JSON.parse(Buffer.from(bytes).toString());
}

describe('a JSON Schema of the format', () => {
  it.each(names)('%s is one of 2020-12, with an id that stays', (name) => {
    const schema = schemaOf(name);
    expect(new Ajv2020({ strict: true }).validateSchema(schema)).toBe(true);
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: `https://saddlebag.dev/bundle-spec/1/${name}`,
      title: expect.stringMatching(/^Saddlebag /),
      description: expect.stringMatching(/\.$/),
    });
    expect(compile(name)).toBeTypeOf('function');
  });

  it('is there for all that people and programs write', () => {
    const results = [...Object.keys(COMMANDS), 'error'].map((name) => `results/${name}.schema.json`);
    expect(names.toSorted()).toEqual(
      [
        'bundle.schema.json',
        'lock.schema.json',
        'progress.schema.json',
        'spec.schema.json',
        ...results,
      ].sort(),
    );
  });
});

describe('the schema of bundle.json', () => {
  const validate = compile('bundle.schema.json');
  const isNewer = ({ path }: { readonly path: string }): boolean => path.includes('newer-minor');

  it.each(listedExamples('valid').filter((one) => !isNewer(one)))(
    'accepts that of $path',
    async ({ path }) => {
      validate(await documentIn(path));
      expect(validate.errors).toBeNull();
    },
  );

  it('refuses what is new in a later minor version, which readers ignore', async () => {
    expect(validate(await documentIn('valid/newer-minor.tar'))).toBe(false);
  });

  const mistakes = listedExamples('invalid').filter(({ requirement = '' }) =>
    /^B-DOC-[35]$/.test(requirement),
  );
  it.each(mistakes)('refuses that of $path', async ({ path }) => {
    expect(mistakes.length).toBeGreaterThan(5);
    expect(validate(await documentIn(path))).toBe(false);
  });

  it('says the same as the program about whatever takes the place of something', () => {
    const document = JSON.stringify(documentOf(filesOf(ALL)));
    const places: string[] = [];
    JSON.parse(document, function (this: unknown, key: string, value: unknown) {
      if (key !== '') places.push(key);
      return value;
    });
    const value = fc.oneof(
      fc.jsonValue(),
      fc.string({ maxLength: 8 }),
      fc.constantFrom(0, -1, 1.5, 2 ** 53, '', [], {}, null),
    );
    fc.assert(
      fc.property(fc.nat({ max: places.length - 1 }), value, (place, instead) => {
        let at = 0;
        const changed: unknown = JSON.parse(document, (key: string, one: unknown) => {
          if (key === '') return one;
          at += 1;
          return at - 1 === place ? instead : one;
        });
        expect(validate(changed)).toBe(BUNDLE_DOCUMENT_SCHEMA.safeParse(changed).success);
      }),
      { numRuns: 300, seed: SEED },
    );
  });
});

describe('the schema of the lock', () => {
  it('accepts what the program writes [B-LOCK-2]', () => {
    const validate = compile('lock.schema.json');
    const lock: unknown = JSON.parse(readFileSync(join(EXAMPLES, 'documents', 'lab.lock.json'), 'utf8'));
    validate(lock);
    expect(validate.errors).toBeNull();
    expect(validate({ ...Object(lock), lock: 2 })).toBe(false);
    expect(validate({ ...Object(lock), extra: 1 })).toBe(false);
  });
});
