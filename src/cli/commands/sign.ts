import type { Usage } from 'clipanion';
import { SaddlebagError } from '../../internal/error.ts';
import type { SignResult } from '../../verbs/sign.ts';
import { BaseCommand } from '../base-command.ts';
import { printable } from '../display/printable.ts';
import type { Status } from '../display/status.ts';
import type { Style } from '../display/style.ts';
import { argument, valueOption } from '../options/declare.ts';
import type { Outcome } from '../outcome.ts';

/** `bundle sign BUNDLE --key PEM` */
export class SignCommand extends BaseCommand {
  static override paths: string[][] = [['sign']];
  static override usage: Usage = {
    description: 'sign an existing bundle',
    details: `
      Writes the signature into the bundle, in place of an earlier one; nothing else in it changes, and its root digest
      stays the same. The content is not read: unless you have just built the bundle, verify it first. SADDLEBAG_KEY_PASSPHRASE is the
      passphrase of an encrypted key.
    `,
    examples: [['Sign a bundle', '$0 sign lab.tar --key lab.key']],
  };

  bundle: string = argument('BUNDLE');
  key: string | undefined = valueOption(
    '--key',
    'PEM',
    'the private key to sign with: Ed25519 or ECDSA P-256',
  );

  protected override async perform(status: Status): Promise<Outcome> {
    const { surroundings, verbs } = this.context;
    const wish = { path: this.bundle, key: this.#key() };
    const { signBundle } = await verbs.sign();
    const result = await signBundle(wish, surroundings, this.ears(status));
    return { json: result, text: (style) => renderSign(result, style) };
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
function renderSign({ root, path, signer, replaced }: SignResult, style: Style): string {
  return [
    `${style('good', 'Signed')} ${printable(path)}${replaced ? ', in place of an earlier signature' : ''}`,
    `key ${style('strong', signer)}`,
    `root ${style('strong', root)}`,
  ].join('\n');
}
