import { LAYOUT } from '../../src/bundle/format/layout.ts';
import { signPlan } from '../../src/bundle/plan/sign-plan.ts';
import { signatureBy } from '../../src/bundle/signing/signature.ts';
import { exampleKey, filesOf, filesOfPlan, HELLO, planOfSamples } from './content.ts';
import { type Example, invalid } from './example.ts';
import { PUBLIC_KEY, SIGNER, tarOf } from './valid.ts';

/** Bundles with a signature that a reader refuses, whatever key it was given. */
export function invalidSignatures(): readonly Example[] {
  const files = filesOf([HELLO]);
  const slot = (name: string, what: string, change: readonly [text: string, says: string]): Example => {
    const [text, says] = change;
    const bytes = tarOf(new Map(files).set(LAYOUT.signature, Buffer.from(text)));
    const code = text.length === 128 ? 'ERR_SIGNATURE_INVALID' : 'ERR_SIZE_MISMATCH';
    return invalid(`${name}.tar`, bytes, { what, code, says });
  };
  const { privateKey } = exampleKey('the key of somebody else');
  const other = filesOfPlan(signPlan(planOfSamples([HELLO]), privateKey), [HELLO]);
  const base64 = `${'A'.repeat(86)}==`;
  return [
    slot('B-SIG-1-short', 'with 127 bytes for the signature', [
      '\n'.repeat(127),
      'expected 128 bytes, found 127',
    ]),
    slot('B-SIG-2-half-written', 'with half a signature', [
      base64.slice(0, 40).padEnd(128, '\n'),
      'neither a signature',
    ]),
    slot('B-SIG-2-no-signature', 'with base64 of something that is no signature', [
      'A'.repeat(84).padEnd(128, '\n'),
      'neither a signature',
    ]),
    slot('B-SIG-2-not-canonical', 'with a signature that has a second text', [
      `${'A'.repeat(85)}B==`.padEnd(128, '\n'),
      'neither a signature',
    ]),
    slot('B-SIG-2-zeros', 'with zeros where the signature goes', ['\0'.repeat(128), 'neither a signature']),
    {
      ...invalid('B-SIG-4-other-key.tar', tarOf(other), {
        what: 'signed by somebody else',
        code: 'ERR_SIGNATURE_INVALID',
        says: 'its signature is not by the key',
      }),
      key: PUBLIC_KEY,
    },
    {
      ...invalid('B-SIG-4-not-signed.tar', tarOf(files), {
        what: 'not signed, where a key is given',
        code: 'ERR_SIGNATURE_MISSING',
        says: 'it is not signed',
      }),
      key: PUBLIC_KEY,
    },
    ...severalSignatures(),
  ];
}

/** Of a bundle that reserves 1024 bytes for signatures. */
function severalSignatures(): readonly Example[] {
  const plan = planOfSamples([HELLO], { signatureRoom: 1024 });
  const files = filesOfPlan(plan, [HELLO]);
  const document = files.get(LAYOUT.document) ?? Buffer.alloc(0);
  const { privateKey } = exampleKey(SIGNER);
  const { signer, text } = signatureBy(document, privateKey);
  const strangers = signatureBy(document, exampleKey('the key of somebody else').privateKey);
  const line = `ed25519 ${signer.key} ${text}\n`;
  const of = (name: string, what: string, change: readonly [content: string, says: string]): Example => {
    const [content, says] = change;
    const bytes = tarOf(new Map(files).set(LAYOUT.signature, Buffer.from(content.padEnd(1024, '\n'))));
    return {
      ...invalid(`${name}.tar`, bytes, { what, code: 'ERR_SIGNATURE_INVALID', says }),
      key: PUBLIC_KEY,
    };
  };
  return [
    of('B-SIG-5-no-line', 'with a line that is no signature', ['signed by me\n', 'line 1 is no signature']),
    of('B-SIG-5-bare', 'with a signature that does not say whose it is', [
      `${text}\n`,
      'line 1 is no signature',
    ]),
    of('B-SIG-5-key-twice', 'with two signatures by one key', [
      `${line}${line}`,
      'two signatures by the key',
    ]),
    of('B-SIG-5-size', 'with a signature with Ed25519 of 3 bytes', [
      `ed25519 ${signer.key} AAAA\n`,
      'line 1 has 3 bytes',
    ]),
    of('B-SIG-5-behind', 'with something behind the line feeds', [
      `${line}\n\nx`.padEnd(1023, '\n') + 'x',
      'line feeds',
    ]),
    of('B-SIG-5-not-canonical', 'with a signature that has a second text', [
      `ed25519 ${signer.key} ${'A'.repeat(85)}B==\n`,
      'line 1 is no signature',
    ]),
    of('B-SIG-7-wrong', 'with a signature that is said to be by the key, and is by another', [
      `ed25519 ${signer.key} ${strangers.text}\n`,
      'is wrong',
    ]),
    of('B-SIG-7-other-algorithm', 'with a signature by the key that is said to be of another algorithm', [
      `p256 ${signer.key} ${text}\n`,
      'is wrong',
    ]),
    of('B-SIG-4-unknown-alone', 'with a signature of an algorithm that is not known, and no other', [
      `future-1 ${signer.key} AAAA\n`,
      'not by the key',
    ]),
  ];
}
