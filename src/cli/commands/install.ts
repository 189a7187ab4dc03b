import { Option, type Usage } from 'clipanion';
import { type InstallResult, UnprovenError } from '../../verbs/install.ts';
import { tellInstall } from '../display/advance.ts';
import { renderInstall } from '../display/install.ts';
import type { Status } from '../display/status.ts';
import { KEY_OPTION } from '../key-options.ts';
import { BASE_OPTION, flagOption, listOption, valueOption } from '../options.ts';
import type { Outcome } from '../outcome.ts';
import { TargetCommand } from '../target-command.ts';

/** `bundle install BUNDLE` */
export class InstallCommand extends TargetCommand {
  static override paths: string[][] = [['install']];
  static override usage: Usage = {
    description: 'put what is in a bundle where it belongs, and prove that it works there',
    details: `
      The whole bundle is verified before anything is changed. With no target named, Rancher Desktop's cache and ~/.kuberlr of
      this user get what fits this host, and the registry at localhost:5000 gets the images; with one named, only the named
      ones are touched. Installing twice changes nothing. What a delta counts on is taken from where earlier installs put it,
      or from --base.
    `,
    examples: [
      ['Install all that fits this host', '$0 install lab.tar'],
      ['Only push the images', '$0 install lab.tar --registry registry.lab:5000'],
      [
        'Prepare the cache of another desktop',
        '$0 install lab.tar --rancher-desktop=/mnt/cache --host-platform darwin/arm64',
      ],
    ],
  };

  bundle: string = Option.String({ name: 'BUNDLE', required: true });
  key: string | undefined = valueOption(...KEY_OPTION);
  base: string[] | undefined = listOption(...BASE_OPTION);
  registries: string | undefined = valueOption(
    '--registries',
    'FILE',
    'a registries.yaml with certificates and credentials of the registry',
  );
  retry: string | undefined = valueOption(
    '--retry',
    'FILE',
    'write the images whose push failed there; push only those when it is there already',
  );
  dryRun: boolean = flagOption(
    '--dry-run',
    'show what would change and how much space it takes, and change nothing',
  );

  protected override async perform(status: Status): Promise<Outcome> {
    const { dryRun } = this;
    try {
      const result = await this.#install(status);
      return { json: result, text: (style) => renderInstall(result, { dryRun, style }) };
    } catch (error) {
      // Everything was placed, and some of it does not work: what was done and proven is the result all the same.
      if (!(error instanceof UnprovenError)) throw error;
      const { result } = error;
      return { json: result, text: (style) => renderInstall(result, { dryRun, style }), failure: error };
    }
  }

  async #install(status: Status): Promise<InstallResult> {
    const { env, home, signal, verbs } = this.context;
    const { bundle: path, dryRun } = this;
    return await verbs.install({
      ...this.targets(),
      path,
      key: this.key,
      bases: this.base,
      retry: this.retry,
      registriesFile: this.registries,
      dryRun,
      env,
      home,
      signal,
      onProgress: (progress) => tellInstall(status, progress),
      onFinding: (finding) => status.finding(finding),
    });
  }
}
