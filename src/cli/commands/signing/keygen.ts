import type { Usage } from 'clipanion';
import { KEY_TYPES } from '../../../bundle/signing/key-types.ts';
import type { KeygenResult } from '../../../verbs/signing/keygen.ts';
import { BaseCommand } from '../../base-command.ts';
import { printable } from '../../display/printable.ts';
import type { Style } from '../../display/style.ts';
import { formatTable } from '../../display/table.ts';
import { argument, choiceOption } from '../../options/declare.ts';
import { parseChoice } from '../../../internal/parse-choice.ts';
import { commandLine, nameOf } from '../../next/command.ts';
import type { Outcome } from '../../outcome.ts';

/** `bundle keygen OUT` */
export class KeygenCommand extends BaseCommand {
  static override paths: string[][] = [['keygen']];
  static override usage: Usage = {
    description: 'make a pair of keys to sign bundles with',
    details: `
      OUT is the private key, which signs and stays here; OUT.pub is the public one, for the hosts that verify. Nothing is
      overwritten. The private key is encrypted when SADDLEBAG_KEY_PASSPHRASE holds a passphrase.

      On an offline host, the public key is given with --key, or trusted once and for all: in the variable
      SADDLEBAG_TRUSTED_KEY or as ~/.config/saddlebag/trusted.pem, on macOS ~/Library/Application Support/saddlebag, on
      Windows %APPDATA%\\saddlebag. From then on, bundles not signed by it are refused there. The file may hold several keys.
    `,
    examples: [
      ['Make a pair of keys', '$0 keygen lab.key'],
      ['Build a bundle signed with it', '$0 build lab.yaml -o lab.tar --sign-key lab.key'],
    ],
  };

  out: string = argument('OUT');
  type: string | undefined = choiceOption('--type', KEY_TYPES, 'the kind of key; ed25519 when left out');

  protected override async perform(): Promise<Outcome<KeygenResult>> {
    const { surroundings, verbs } = this.context;
    const type = this.type === undefined ? undefined : parseChoice('--type', this.type, KEY_TYPES);
    const { generateKeys } = await verbs.keygen();
    const result = await generateKeys({ path: this.out, type }, surroundings);
    const words = ['build', 'SPEC', '-o', 'OUT', '--sign-key', result.privateKey];
    const next = [
      { text: 'sign with it', command: commandLine('bundle', words) },
      { text: `bring ${nameOf(result.publicKey)} to the hosts that verify, another way than the bundle` },
    ];
    return { json: result, text: (style) => renderKeygen(result, style), next };
  }
}

/** Returns the generated keys as text; the last line is the fingerprint. */
function renderKeygen(result: KeygenResult, style: Style): string {
  const { privateKey, publicKey, fingerprint, encrypted } = result;
  return [
    style('good', 'Made a pair of keys'),
    formatTable(
      [
        [
          'private',
          printable(privateKey),
          encrypted ? 'signs; encrypted' : 'signs; not encrypted: keep it safe',
        ],
        ['public', printable(publicKey), 'for the hosts that verify'],
      ],
      { indent: '  ' },
    ),
    `key ${style('strong', fingerprint)}`,
  ].join('\n');
}
