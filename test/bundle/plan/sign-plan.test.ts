import { describe, expect, it } from 'vitest';
import { HeadFile } from '../../../src/bundle/plan/head-file.ts';
import { planBundle } from '../../../src/bundle/plan/plan.ts';
import { signPlan } from '../../../src/bundle/plan/sign-plan.ts';
import { isSignedBy } from '../../../src/bundle/signing/signature.ts';
import { decodeSignature } from '../../../src/bundle/format/signature-file.ts';
import { testKeys } from '../../support/keys.ts';
import { SAMPLES, sampleBundle } from '../../support/samples/sample-bundle.ts';

const { plan } = sampleBundle();
const bytesOf = (files: typeof plan.files, wanted: string): Uint8Array =>
  files.find(({ path }) => path === wanted)?.bytes ?? Buffer.alloc(0);

describe('a signed plan', () => {
  it.each(['ed25519', 'p256'] as const)(
    'differs in nothing but the signature, by a key of type %s',
    (type) => {
      const keys = testKeys(type);
      const signed = signPlan(plan, keys.privateKey);
      const unsigned = bytesOf(plan.files, 'bundle.json.sig');
      expect(signed.root).toBe(plan.root);
      expect(signed).toEqual({ ...plan, files: expect.any(Array) });
      const kept = (file: HeadFile): HeadFile =>
        file.path === 'bundle.json.sig' ? HeadFile.of(file.path, unsigned) : file;
      expect(signed.files.map(kept)).toEqual(plan.files);
      const signature = decodeSignature(bytesOf(signed.files, 'bundle.json.sig')) ?? '';
      expect(isSignedBy(bytesOf(signed.files, 'bundle.json'), signature, keys.publicKey)).toBe(true);
    },
  );

  it('is the same each time with Ed25519', () => {
    const { privateKey } = testKeys();
    expect(signPlan(plan, privateKey)).toEqual(signPlan(plan, privateKey));
  });
});

describe('a dated plan', () => {
  const items = SAMPLES.map(({ planned }) => planned);

  it('has another root, and the date in bundle.json right behind the name', () => {
    const dated = planBundle('lab', items, { created: '2026-08-20T14:05:00Z' });
    expect(dated.root).not.toBe(plan.root);
    expect(dated.document.created).toBe('2026-08-20T14:05:00Z');
    expect(Buffer.from(bytesOf(dated.files, 'bundle.json')).toString()).toContain(
      '"name": "lab",\n  "created": "2026-08-20T14:05:00Z",\n  "items"',
    );
  });

  it('says nothing of a date when none was given', () => {
    expect(Buffer.from(bytesOf(plan.files, 'bundle.json')).toString()).not.toContain('created');
    expect(plan.document.created).toBeUndefined();
  });
});
