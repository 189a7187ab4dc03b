import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LAYOUT } from '../../src/bundle/format/layout.ts';
import { planBundle } from '../../src/bundle/plan/plan.ts';
import { fingerprintOf } from '../../src/bundle/signing/signing-key.ts';
import type { Trust } from '../../src/bundle/signing/trust.ts';
import { signBundle } from '../../src/verbs/signing/sign.ts';
import { type TestKeys, testKeys, trusting, writeKeys } from '../support/keys.ts';
import { packPlan, packTar, SAMPLES } from '../support/samples/sample-bundle.ts';
import { startServing } from '../support/sites/serving.ts';
import { NOBODY } from '../support/surroundings.ts';
import { temporaryFolder } from '../support/temporary.ts';

const [FIRST, SECOND] = [testKeys(), testKeys('p256')];
const [FIRST_KEY, SECOND_KEY] = [FIRST, SECOND].map(({ publicKey }) => fingerprintOf(publicKey));

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

describe('the page says of a bundle', () => {
  it('that it is not signed', async () => {
    const card = await cardOf({});
    expect(card).toContain('<p>Not signed.</p>');
    expect(card).not.toContain('bundle verify --key');
  });

  it('that a signature that does not say whose it is was not checked', async () => {
    const card = await cardOf({ signers: [FIRST] });
    expect(card).toContain('1 signature, not checked by this server.');
    expect(card).toContain('<li>a key that it does not name</li>');
    expect(card).toContain('bundle verify --key');
    expect(card).not.toContain('checked when this server started');
  });

  it('by which keys several signatures are said to be, and that none was checked', async () => {
    const card = await cardOf({ room: 8192, signers: [FIRST, SECOND] });
    expect(card).toContain('2 signatures, not checked by this server. Said to be by:');
    expect(keysIn(card)).toEqual(new Set([FIRST_KEY, SECOND_KEY]));
  });

  it.each([
    ['one without a name', undefined, [FIRST]],
    ['one of two', 8192, [FIRST, SECOND]],
  ])('which signature was checked: %s', async (_, room, signers) => {
    const card = await cardOf({ room, signers, trust: trusting(FIRST) });
    expect(card).toContain('Signed, and checked when this server started');
    expect(keysIn(card)).toEqual(new Set([FIRST_KEY]));
  });

  it('that its signature is broken', async () => {
    const card = await cardOf({ bytes: Buffer.alloc(128, 'x') });
    expect(card).toContain('Its signature is broken');
    expect(card).not.toContain('Not signed');
  });
});

let count = 0;

interface Case {
  readonly room?: number | undefined;
  readonly signers?: readonly TestKeys[];
  readonly trust?: Trust;
  /** What `bundle.json.sig` holds. */
  readonly bytes?: Uint8Array;
}

/** Returns what the page of a server of one bundle says about it. */
async function cardOf({ room, signers = [], trust, bytes }: Case): Promise<string> {
  count += 1;
  const path = join(folder.path, `lab-${count}.tar`);
  const plan = planBundle(
    'lab',
    SAMPLES.map(({ planned }) => planned),
    { signatureRoom: room },
  );
  const { files } = packPlan(plan, SAMPLES);
  writeFileSync(
    path,
    packTar(new Map([...files, ...(bytes ? [[LAYOUT.signature, bytes] as const] : [])])).tar,
  );
  for (const [index, keys] of signers.entries()) {
    const { key } = writeKeys(folder.path, keys, `key-${count}-${index}`);
    await signBundle({ path, key }, NOBODY);
  }
  await using serving = await startServing({ bundles: [], paths: [path], trust });
  const page = await (await serving.get('/', { headers: { accept: 'text/html' } })).text();
  return /<section id="bundles"[\s\S]*?<\/section>/.exec(page)?.[0].replaceAll(/\s+/g, ' ') ?? '';
}

function keysIn(card: string): ReadonlySet<string> {
  return new Set([...card.matchAll(/<li><code>([^<]*)</g)].map(([, key = '']) => key));
}
