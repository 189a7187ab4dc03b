import type { Usage } from 'clipanion';
import { SaddlebagError } from '../../../internal/error.ts';
import { formatCount } from '../../../internal/format.ts';
import type { SignResult, SignWish } from '../../../verbs/signing/sign.ts';
import { BaseCommand } from '../../base-command.ts';
import { printable } from '../../display/printable.ts';
import type { Status } from '../../display/status/status.ts';
import type { Style } from '../../display/style.ts';
import { argument, flagOption, valueOption } from '../../options/declare.ts';
import { commandLine, nameOf } from '../../next/command.ts';
import type { Outcome } from '../../outcome.ts';

/** `bundle sign BUNDLE --key PEM` */
export class SignCommand extends BaseCommand {
  static override paths: string[][] = [['sign']];
  static override usage: Usage = {
    description: 'sign an existing bundle, or take a signature away',
    details: `
      Adds a signature in place; nothing else in the bundle changes, and its root digest stays the same. A bundle has room for
      one signature, of which another takes the place, or for several when it was built with --signature-room. The content is not
      read: unless you have just built the bundle, verify it first. SADDLEBAG_KEY_PASSPHRASE is the passphrase of an encrypted key.
    `,
    examples: [
      ['Sign a bundle', '$0 sign lab.tar --key lab.key'],
      ['Take a signature away', '$0 sign lab.tar --remove --key lab.key.pub'],
    ],
  };

  bundle: string = argument('BUNDLE');
  key: string | undefined = valueOption(
    '--key',
    'PEM',
    'the private key to sign with: Ed25519, ECDSA P-256 or ML-DSA-65',
  );
  remove: boolean = flagOption(
    '--remove',
    'take away the signature by this key, of which either half will do; every signature without --key',
  );

  protected override async perform(status: Status): Promise<Outcome<SignResult>> {
    const { surroundings, verbs } = this.context;
    const path = this.bundle;
    const wish: SignWish = this.remove ? { path, key: this.key, remove: true } : { path, key: this.#key() };
    status.stage('open', path, { brief: true });
    const { signBundle } = await verbs.sign();
    const result = await signBundle(wish, surroundings, this.ears(status));
    const text = 'over there, with the public key PEM brought another way';
    const verify = commandLine('bundle', ['verify', nameOf(path), '--key', 'PEM']);
    const next = result.signer === undefined ? [] : [{ text, command: verify }];
    return { json: result, text: (style) => renderSign(result, style), next };
  }

  #key(): string {
    if (this.key !== undefined && this.key !== '') return this.key;
    throw new SaddlebagError(
      'ERR_USAGE_INVALID',
      'Cannot run "bundle sign": the option "--key PEM" is missing',
      {
        hint: 'Say which private key signs, for example: --key lab.key',
      },
    );
  }
}

/** Returns what was signed with which key, as text; the last line is the root digest. */
function renderSign(result: SignResult, style: Style): string {
  const { root, path, signer, replaced, removed, signatures } = result;
  const many = signatures > 1 ? `; it has ${formatCount(signatures, 'signature')} now` : '';
  const headline =
    removed > 0 || signer === undefined
      ? `${style('good', 'Took')} ${formatCount(removed, 'signature')} from ${printable(path)}; ${signatures} left`
      : `${style('good', 'Signed')} ${printable(path)}${replaced ? ', in place of an earlier signature' : ''}${many}`;
  return [
    headline,
    ...(signer === undefined ? [] : [`key ${style('strong', signer)}`]),
    `root ${style('strong', root)}`,
  ].join('\n');
}
