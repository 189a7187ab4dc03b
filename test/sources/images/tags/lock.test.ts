import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../../../src/oci/digest.ts';
import { buildBundle, type BuildResult, type BuildWish } from '../../../../src/verbs/build.ts';
import { lockSpec } from '../../../../src/verbs/lock.ts';
import { failureOf, problemsIn } from '../../../support/failure.ts';
import { sampleImage } from '../../../support/samples/sample-image.ts';
import { type Lab, startLab } from '../../../support/sites/lab.ts';
import { NOBODY } from '../../../support/surroundings.ts';

const NAME = 'docker.io/rancher/range';
const PARTS = `images:
  - reference: rancher/range
    platforms: [linux/amd64]
    tags: { semver: ">=0.1.20 <0.2", latest: 2, match: "^v", exclude: "rc" }
`;

let lab: Lab;

beforeEach(async () => {
  lab = await startLab();
  for (const tag of ['v0.1.19', 'v0.1.20', 'v0.1.21', 'v0.1.22-rc1', 'v0.2.0', '0.1.23']) await seed(tag);
});
afterEach(() => lab[Symbol.asyncDispose]());

async function seed(tag: string): Promise<void> {
  await lab.internet.seed(
    'rancher/range',
    sampleImage({ name: tag, platforms: ['linux/amd64', 'linux/arm64'] }),
    tag,
  );
}

async function build(specPath: string, more: Partial<BuildWish> = {}): Promise<BuildResult> {
  return await buildBundle(
    { specPath, out: lab.at('lab.tar'), ...more },
    { ...NOBODY, home: lab.at('home') },
    {},
  );
}

function bundled(): { readonly digest: string; readonly names: readonly string[] } {
  const bytes = readFileSync(lab.at('lab.tar'));
  const names = bytes.toString('latin1').matchAll(/"org\.opencontainers\.image\.ref\.name": ?"([^"]+)"/g);
  return { digest: digestOf(bytes), names: [...new Set([...names].map(([, name = '']) => name))].sort() };
}

describe('tags by range', () => {
  it('are chosen once, kept by the lock, and told when the choice moves', async () => {
    const spec = lab.spec(PARTS);
    await build(spec);
    const first = bundled();
    expect(first.names).toEqual([`${NAME}:v0.1.20`, `${NAME}:v0.1.21`]);
    const lock = readFileSync(lab.at('lab.lock.json'), 'utf8');
    expect(JSON.parse(lock).tags).toEqual({
      [`${NAME} {"semver":">=0.1.20 <0.2","match":"^v","exclude":"rc","latest":2}`]: {
        chosen: 'v0.1.20 v0.1.21',
      },
    });

    await seed('v0.1.22');
    const asked = lab.internet.log.count('GET tags');
    await build(spec, { locked: true });
    expect(bundled()).toEqual(first);
    expect(lab.internet.log.count('GET tags')).toBe(asked);

    const checked = await lockSpec(
      { specPath: spec, check: true },
      { ...NOBODY, home: lab.at('home') },
      {},
    ).catch((error: unknown) => error);
    expect(JSON.stringify(checked instanceof Error ? problemsIn(Object(checked)) : checked)).toContain(
      'moved: was \\"v0.1.20 v0.1.21\\", is \\"v0.1.21 v0.1.22\\"',
    );
    expect(readFileSync(lab.at('lab.lock.json'), 'utf8')).toBe(lock);

    // Another wish is another question.
    lab.spec(PARTS.replace('latest: 2', 'latest: 1'));
    const error = await failureOf(async () => await build(spec, { locked: true }));
    expect(problemsIn(error).join()).toContain(`Cannot resolve the tags of "${NAME}": it is not in the lock`);
  });

  it('pass "excludeImages", and come from an included spec', async () => {
    await seed('v0.1.22');
    writeFileSync(lab.at('shell.yaml'), `bundle: 1\nname: shell\n${PARTS}`);
    const spec = lab.spec('include: [./shell.yaml]\nexcludeImages: ["range:v0[.]1[.]22$"]\n', 'whole.yaml');
    await build(spec);
    expect(bundled().names).toEqual([`${NAME}:v0.1.21`]);
  });

  it.each<[string, string, string]>([
    ['tag', '{ reference: "rancher/range:v1", tags: { latest: 1 } }', 'it has a tag or a digest of its own'],
    [
      'digest',
      `{ reference: "rancher/range@sha256:${'0'.repeat(64)}", tags: { latest: 1 } }`,
      'it has a tag or a digest of its own',
    ],
    ['wish', '{ reference: rancher/range, tags: {} }', 'it says nothing about the tags'],
    ['range', '{ reference: rancher/range, tags: { semver: "newest" } }', 'it is not a range of versions'],
    ['expression', '{ reference: rancher/range, tags: { match: "(" } }', 'it is not a regular expression'],
    ['key', '{ reference: rancher/range, tags: { newest: 2 } }', 'newest'],
    ['number', '{ reference: rancher/range, tags: { latest: 0 } }', 'latest'],
  ])('are refused with a wrong %s', async (_what, image, fact) => {
    const error = await failureOf(async () => await build(lab.spec(`images:\n  - ${image}\n`, 'wrong.yaml')));
    expect(error.code).toBe('ERR_SPEC_INVALID');
    expect([error.message, ...problemsIn(error)].join('\n')).toContain(fact);
  });

  it('are told with whatever is wrong with the other images', async () => {
    const images = [
      '{ reference: rancher/range, tags: { semver: ">=9" } }',
      'rancher/absent:v1',
      '{ archive: ./gone.tar }',
    ];
    const parts = `images:\n${images.map((image) => `  - ${image}\n`).join('')}`;
    const error = await failureOf(async () => await build(lab.spec(parts, 'many.yaml')));
    const found = problemsIn(error);
    expect(found).toHaveLength(3);
    for (const words of [NAME, 'docker.io/rancher/absent:v1', 'gone.tar'])
      expect(found.join('\n')).toContain(words);
  });

  it('of a registry that lists none are an error that says what to do', async () => {
    const spec = lab.spec('images:\n  - { reference: rancher/nothing, tags: { latest: 1 } }\n', 'none.yaml');
    const error = await failureOf(async () => await build(spec));
    expect(problemsIn(error).join('\n')).toMatch(
      /Cannot list the tags of "docker\.io\/rancher\/nothing": .*404.*Name the tags in the spec/s,
    );
  });
});
