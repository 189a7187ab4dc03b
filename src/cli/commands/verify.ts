import { Option, type Usage } from 'clipanion';
import { SaddlebagError } from '../../internal/error.ts';
import { formatCount } from '../../internal/format.ts';
import { BaseCommand } from '../base-command.ts';
import { checkAdvance } from '../display/advance.ts';
import type { Status } from '../display/status.ts';
import { renderVerify } from '../display/verify.ts';
import { KEY_OPTION } from '../key-options.ts';
import { BASE_OPTION, listOption, valueOption } from '../options.ts';
import type { Outcome } from '../outcome.ts';

/** `bundle verify BUNDLE` */
export class VerifyCommand extends BaseCommand {
  static override paths: string[][] = [['verify']];
  static override usage: Usage = {
    description: 'check every byte of a bundle',
    details: `
      Ends with status 3 and names every problem when there is one. Where a key is given or trusted on this host, the
      signature comes first: without a right one, nothing else is read.
    `,
    examples: [
      ['Check a bundle on the stick', '$0 verify /media/stick/lab.tar'],
      ['Check a delta together with what it counts on', '$0 verify delta.tar --base lab.tar'],
      ['List what is damaged, for a patch', '$0 verify lab.tar --missing-to missing.json'],
    ],
  };

  bundle: string = Option.String({ name: 'BUNDLE', required: true });
  key: string | undefined = valueOption(...KEY_OPTION);
  base: string[] | undefined = listOption(...BASE_OPTION);
  missingTo: string | undefined = valueOption(
    '--missing-to',
    'FILE',
    'write what is damaged or missing there, for "bundle build --only" to make a patch of it',
  );

  protected override async perform(status: Status): Promise<Outcome> {
    const { env, home, signal, verbs } = this.context;
    const result = await verbs.verify(this.bundle, {
      key: this.key,
      bases: this.base,
      missingTo: this.missingTo,
      env,
      home,
      signal,
      onProgress: (progress) => status.advance(checkAdvance(progress)),
    });
    return {
      json: result,
      text: (style) => renderVerify(this.bundle, result, style),
      failure: result.ok ? undefined : damaged(this.bundle, result.problems.length, this.missingTo),
    };
  }
}

function damaged(path: string, count: number, list: string | undefined): SaddlebagError {
  return new SaddlebagError(
    'ERR_BUNDLE_DAMAGED',
    `Cannot trust bundle ${JSON.stringify(path)}: ${formatCount(count, 'problem')} found`,
    {
      hint:
        list === undefined
          ? 'Copy the bundle again, to another medium if it happens twice.'
          : `Have a patch built with "bundle build SPEC --locked --only ${list}", and mend the bundle with "bundle repair".`,
    },
  );
}
