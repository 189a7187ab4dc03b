import { describe, expect, it, onTestFinished } from 'vitest';
import { createImageUpstream } from '../../../src/sources/images/upstream.ts';
import { resolveImages } from '../../../src/sources/images/images.ts';
import { locked } from '../../../src/sources/locked.ts';
import { recorded } from '../../../src/sources/recorded.ts';
import type { SourceContext } from '../../../src/sources/source.ts';
import { openTestClient } from '../../support/registry/client.ts';
import type { Fault } from '../../support/registry/fault.ts';
import { type InProcessRegistryOptions, startRegistry } from '../../support/registry/registry.ts';
import { imageContext } from '../../support/samples/image-bench.ts';
import { problemsOf, thrownBy } from '../../support/thrown.ts';

const USER = { username: 'operator', password: 'correct horse' };
const HUB = { scheme: 'bearer', anonymousPull: true, ...USER } as const;

/** How registries answer for a repository that does not exist. */
interface Denial {
  readonly options: InProcessRegistryOptions;
  readonly faults: readonly Fault[];
  /** Who asks: nobody, a user whom the registry knows, or one it does not. */
  readonly asks?: 'user' | 'stranger';
}

const DENIED = { errors: [{ code: 'DENIED', message: 'requested access to the resource is denied' }] };
const always = (on: Fault['on'], status: number, headers: Readonly<Record<string, string>> = {}): Fault => ({
  on,
  ...(on === 'GET token' ? {} : { path: /nothere|v1/ }),
  times: 99,
  action: { type: 'status', status, headers, body: DENIED },
});
const MAY_BE_ABSENT: readonly [string, Denial][] = [
  ['404', { options: {}, faults: [] }],
  ['403 to anyone', { options: {}, faults: [always('GET manifest', 403)] }],
  ['403 to a user', { options: {}, faults: [always('GET manifest', 403)], asks: 'user' }],
  ['401 without a challenge', { options: {}, faults: [always('GET manifest', 401)] }],
  [
    '401 that asks for a password',
    { options: { auth: { ...HUB, scheme: 'basic' } }, faults: [always('GET manifest', 401)] },
  ],
  ['a token that is not enough', { options: { auth: { ...HUB, anonymousPull: false } }, faults: [] }],
  [
    'a token of a user that is not enough',
    { options: { auth: { ...HUB, tokenUses: 0 } }, faults: [], asks: 'user' },
  ],
  ['403 of the token service', { options: { auth: HUB }, faults: [always('GET token', 403)] }],
  [
    '403 of the token service to a user',
    { options: { auth: HUB }, faults: [always('GET token', 403)], asks: 'user' },
  ],
  ['401 of the token service', { options: { auth: HUB }, faults: [always('GET token', 401)] }],
];

const NOT_ABSENT: readonly [string, Denial][] = [
  [
    'a password that is wrong',
    { options: { auth: { ...HUB, scheme: 'basic' } }, faults: [], asks: 'stranger' },
  ],
  ['a password that gets no token', { options: { auth: HUB }, faults: [], asks: 'stranger' }],
  ['a registry in trouble', { options: {}, faults: [always('GET manifest', 503)] }],
  [
    'a proxy that lets nobody through',
    {
      options: {},
      faults: [always('GET manifest', 403, { 'content-type': 'text/html' })],
    },
  ],
];

describe('an image that a chart only seems to name', () => {
  it.each(MAY_BE_ABSENT)('is left out with a warning when the answer is %s', async (_answer, denial) => {
    const { context, name, warnings } = await setUp(denial);
    const guesses = [{ reference: name, from: 'chart "lab" (values)' }];
    expect(await resolveImages({ images: [], listed: [], guesses }, context)).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(`"${name}".*chart "lab" \\(values\\) names it`)]);
  });

  it.each(NOT_ABSENT)('is a problem when the answer is %s', async (_answer, denial) => {
    const { context, name, warnings } = await setUp(denial);
    const guesses = [{ reference: name, from: 'chart "lab" (values)' }];
    await thrownBy(resolveImages({ images: [], listed: [], guesses }, context));
    expect(warnings).toEqual([]);
  });

  it('stays away when the lock of that build is used', async () => {
    const { context, name, warnings } = await setUp({ options: {}, faults: [always('GET manifest', 403)] });
    const part = { images: [], listed: [], guesses: [{ reference: name, from: 'chart "lab" (values)' }] };
    const recording = recorded(context);
    await resolveImages(part, { ...context, images: recording.images });
    const { images } = locked(recording.lockOf('lab'), context);
    expect(await resolveImages(part, { ...context, images })).toEqual([]);
    expect(warnings).toHaveLength(2);
  });
});

describe('an image of a list', () => {
  it.each(MAY_BE_ABSENT.slice(1))(
    'that may be misspelt is told as such when the answer is %s',
    async (_answer, denial) => {
      const { context, name } = await setUp(denial);
      const resolving = resolveImages({ images: [], listed: [name] }, context);
      const [problem, ...others] = await problemsOf(resolving);
      expect(problem).toMatch(
        new RegExp(`^ERR_REGISTRY_DENIED .*"${name}": it does not exist or needs credentials: .*40[13]`),
      );
      expect(others).toEqual([]);
    },
  );
});

async function setUp({ options, faults, asks }: Denial): Promise<{
  readonly context: SourceContext;
  readonly name: string;
  readonly warnings: readonly string[];
}> {
  const registry = await startRegistry({ ...options, faults });
  const password = asks === 'user' ? USER.password : 'battery staple';
  const client = openTestClient(
    asks === undefined
      ? {}
      : { credentials: { [registry.host]: { type: 'password', username: USER.username, password } } },
  );
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });
  const warnings: string[] = [];
  const upstream = createImageUpstream((host) => client.open(host));
  const context = imageContext(upstream, ({ message }) => warnings.push(message));
  return { context, name: `${registry.host}/lab/nothere:v1`, warnings };
}
