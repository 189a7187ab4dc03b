import { Option, type Usage } from 'clipanion';
import { BaseCommand } from '../base-command.ts';
import { renderInspect } from '../display/inspect.ts';
import { valueOption } from '../options.ts';
import type { Outcome } from '../outcome.ts';

/** `bundle inspect BUNDLE` */
export class InspectCommand extends BaseCommand {
  static override paths: string[][] = [['inspect']];
  static override usage: Usage = {
    description: 'list what is in a bundle, how large it is and what is shared',
    details:
      'Reads the head of the bundle, not its body, and so proves nothing about its bytes: that is what verify does.',
    examples: [['List a bundle', '$0 inspect lab.tar']],
  };

  bundle: string = Option.String({ name: 'BUNDLE', required: true });
  key: string | undefined = valueOption(
    '--key',
    'PEM',
    'the public key that should have signed the bundle, in place of the trusted one of this host',
  );

  protected override async perform(): Promise<Outcome> {
    const { env, home, signal, verbs } = this.context;
    const result = await verbs.inspect(this.bundle, { key: this.key, env, home, signal });
    return { json: result, text: (style) => renderInspect(result, style) };
  }
}
