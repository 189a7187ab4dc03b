import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ARTIFACT_TYPE } from '../../src/bundle/format/item.ts';
import { planArtifact } from '../../src/sources/images/planned-artifact.ts';
import { IMAGES } from '../../src/sources/images/want.ts';
import type { Question } from '../../src/sources/questions.ts';
import { defineSource, type Source, urlOf } from '../../src/sources/source.ts';
import { SOURCES } from '../../src/sources/sources.ts';
import type { Facts } from '../../src/spec/lock/lock.ts';
import { specSchema } from '../../src/spec/schema.ts';
import { buildBundle } from '../../src/verbs/build.ts';
import { inspectBundle } from '../../src/verbs/inspect.ts';
import { startLab } from '../support/sites/lab.ts';
import { thrownBy } from '../support/thrown.ts';

const SITE = { name: 'models', url: 'https://models.example', holds: 'models, by name' };

/** Which file a name stands for today: what the world answers is a section of the lock. */
const TODAY: Question<string, string> = {
  section: {
    name: 'models',
    schema: z
      .record(z.string(), z.strictObject({ file: z.string() }))
      .transform(
        (all): Facts =>
          new Map(Object.entries(all).map(([name, { file }]) => [name, new Map([['file', file]])])),
      ),
    isGroupPinned: true,
    title: () => 'Model',
    isVast: false,
  },
  title: (name) => `model "${name}"`,
  ask: async (name) => `${name}.tar.gz`,
  facts: (name, file) => new Map([[name, new Map([['file', file]])]]),
  recall: (name, facts) => facts.get(name)?.get('file') ?? undefined,
};

/** A system of a test's own: files of a site, each with the image that runs it. */
const models: Source = defineSource({
  name: 'models',
  summary: 'Models, and what runs them.',
  part: z.object({
    models: z
      .array(z.strictObject({ name: z.string().min(1), runner: z.string().optional() }))
      .default([])
      .describe('names of models'),
  }),
  upstreams: [SITE],
  sections: [TODAY.section],
  asks: [IMAGES.to],
  read: async (part) => part.models,
  resolve: async (wished, context) => {
    const planned = wished.map(async (model) => {
      const name = await context.ask(TODAY, model.name);
      const url = `${urlOf(SITE, context)}/${name}`;
      const measure = await context.web.measure(url, context);
      const file = { name, descriptor: measure, origin: { type: 'url', url } } as const;
      const { descriptor, blobs } = planArtifact(ARTIFACT_TYPE.file, [file]);
      return { item: { kind: 'file', name, descriptor, audience: ['files'] } as const, blobs };
    });
    const runners = wished.flatMap(({ runner }) => (runner === undefined ? [] : [{ reference: runner }]));
    return { items: await Promise.all(planned), wants: [IMAGES.ask(runners)] };
  },
});

const systems = { sources: [...SOURCES, models] };

describe('a source of one file and a line', () => {
  it('is read in a spec, built, locked and seen by inspect', async () => {
    await using lab = await startLab();
    const upstreams = `upstreams: ${JSON.stringify({ models: `${lab.sites.url}/files` })}\n`;
    const registries = `registries: {mirrors: {docker.io: {endpoint: ["${lab.internet.url}"]}}}\n`;
    const specPath = lab.at('lab.yaml');
    const part = 'models: [{ name: tool, runner: "rancher/shell:v0.2.1" }]\n';
    writeFileSync(specPath, `bundle: 1\nname: lab\n${part}${upstreams}${registries}`);
    const surroundings = { env: {}, home: lab.at('home'), host: { platform: 'linux', arch: 'x64' } };
    const known = { ...surroundings, systems };
    const built = await buildBundle({ specPath, out: lab.at('lab.tar') }, known, {});
    const { items } = await inspectBundle({ path: built.path }, surroundings, {});
    expect(items.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'file tool.tar.gz',
      'image docker.io/rancher/shell:v0.2.1',
    ]);
    const again = await buildBundle({ specPath, out: lab.at('again.tar'), locked: true }, known, {});
    expect(again.root).toBe(built.root);
    expect(readFileSync(lab.at('lab.lock.json'), 'utf8')).toContain(
      '  "models": {\n    "tool": { "file": "tool.tar.gz" }\n  }',
    );
    expect(
      await thrownBy(buildBundle({ specPath, out: join(lab.at('x.tar')) }, surroundings, {})),
    ).toMatchObject({ code: 'ERR_SPEC_INVALID' });
  });

  it('is in the schema, with its upstream and its part of what an empty spec is told', () => {
    const schema = z.toJSONSchema(specSchema(systems.sources), { target: 'draft-2020-12', io: 'input' });
    expect(schema.properties?.['models']).toMatchObject({ description: 'names of models', type: 'array' });
    expect(JSON.stringify(schema.properties?.['upstreams'])).toContain('"default":"https://models.example"');
    const judge = new Ajv2020({ strict: false, formats: { uri: true } }).compile(schema);
    const spec = { bundle: 1, name: 'lab' };
    expect(judge({ ...spec, models: [{ name: 'a' }] })).toBe(true);
    expect(judge({ ...spec, models: [{ nome: 'a' }] })).toBe(false);
    expect(judge({ ...spec, modles: [] })).toBe(false);
  });
});

describe('the list of sources', () => {
  it('has each name, key and upstream once, and nobody asks whom there is not', () => {
    const once = (all: readonly string[]): void => expect(all.toSorted()).toEqual([...new Set(all)].sort());
    once(SOURCES.map(({ name }) => name));
    once(SOURCES.flatMap(({ keys }) => Object.keys(keys)));
    once(SOURCES.flatMap(({ upstreams }) => upstreams.map(({ name }) => name)));
    const names = SOURCES.map(({ name }) => name);
    expect(SOURCES.flatMap(({ asks }) => asks).filter((name) => !names.includes(name))).toEqual([]);
  });

  it('asks in no circle', () => {
    const reach = (name: string, seen: readonly string[]): void => {
      expect(seen).not.toContain(name);
      const source = SOURCES.find((each) => each.name === name);
      for (const next of source?.asks ?? []) reach(next, [...seen, name]);
    };
    for (const { name } of SOURCES) reach(name, []);
  });
});
