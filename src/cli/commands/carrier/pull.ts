import type { Usage } from 'clipanion';
import { SaddlebagError } from '../../../internal/error.ts';
import { formatBytes, formatCount, formatDuration } from '../../../internal/format.ts';
import type { ConvertProgress, ConvertResult } from '../../../verbs/convert.ts';
import { BaseCommand } from '../../base-command.ts';
import { tellBuild } from '../../display/status/advance.ts';
import { printable } from '../../display/printable.ts';
import type { Status } from '../../display/status/status.ts';
import type { Style } from '../../display/style.ts';
import { formatTable } from '../../display/table.ts';
import { CA_FILE_OPTION } from '../../options/ca-file.ts';
import { argument, choiceOption, listOption, valueOption } from '../../options/declare.ts';
import { KEY_OPTION, KEYS_NEEDED_OPTION, trustOf } from '../../options/key.ts';
import { REGISTRIES_OPTION } from '../../options/registries.ts';
import { FORMAT_OPTION, shapeOf, VOLUME_SIZE_OPTION } from '../../options/shape.ts';
import { commandLine } from '../../next/command.ts';
import type { Outcome } from '../../outcome.ts';

/** `bundle pull REF -o OUT` */
export class PullCommand extends BaseCommand {
  static override paths: string[][] = [['pull']];
  static override usage: Usage = {
    description: 'make a file of a bundle in a registry',
    details: `
      The file is byte for byte the one that was pushed, or another form of it, with the same signature and root digest. Every byte is
      verified on its way. A stopped pull continues where it stopped. What a bundle of --reuse has, or the one that OUT is now, is not
      pulled again.
    `,
    examples: [
      ['Pull a bundle', '$0 pull oci://harbor.lab/bundles/lab:2026-11 -o lab.tar'],
      ['Pull what is new', '$0 pull oci://harbor.lab/bundles/lab:2026-12 -o next.tar --reuse lab.tar'],
    ],
  };

  reference: string = argument('REF');
  output: string | undefined = valueOption('-o,--output', 'OUT', 'where the bundle goes');
  format: string | undefined = choiceOption(...FORMAT_OPTION);
  volumeSize: string | undefined = valueOption(...VOLUME_SIZE_OPTION);
  reuse: string[] | undefined = listOption(
    '--reuse',
    'BUNDLE',
    'take content from this bundle instead of the registry; may be repeated',
  );
  key: string[] | undefined = listOption(...KEY_OPTION);
  keysNeeded: string | undefined = valueOption(...KEYS_NEEDED_OPTION);
  registries: string | undefined = valueOption(...REGISTRIES_OPTION);
  caFile: string | undefined = valueOption(...CA_FILE_OPTION);

  protected override async perform(status: Status): Promise<Outcome<ConvertResult>> {
    const { surroundings, verbs } = this.context;
    const { reference, output: out, reuse, registries: registriesFile, caFile } = this;
    if (out === undefined || out === '') throw noOutput(reference);
    const { key, keysNeeded } = trustOf(this);
    const { form, volumeSize } = shapeOf(this);
    status.stage('fetch', reference);
    const { pullBundle } = await verbs.pull();
    const ears = this.ears(status, (progress: ConvertProgress) =>
      tellBuild(status, progress.phase === 'convert' ? { ...progress, phase: 'fetch' } : progress),
    );
    const result = await pullBundle(
      { reference, out, form, volumeSize, reuse, key, keysNeeded, registriesFile, caFile },
      surroundings,
      ears,
    );
    const install = commandLine('bundle', ['install', result.path]);
    const next = [{ text: 'install it', command: install }];
    return { json: result, text: (style) => renderPull(result, style), next };
  }
}

function noOutput(reference: string): SaddlebagError {
  return new SaddlebagError('ERR_USAGE_INVALID', `Cannot pull "${reference}": no output named`, {
    hint: `Name it: bundle pull ${reference} -o lab.tar`,
  });
}

/** Returns the result of a pull as text; the last line is the root digest. */
function renderPull(result: ConvertResult, style: Style): string {
  const { root, path, form, bytes, items, blobs, fetchedBytes, reusedBytes, seconds } = result;
  return [
    `${style('good', 'Pulled')} to ${printable(path)}`,
    formatTable(
      [
        ['form', form],
        ['holds', `${formatCount(items, 'item')} in ${formatCount(blobs, 'blob')}, ${formatBytes(bytes)}`],
        ['fetched', `${formatBytes(fetchedBytes)} in ${formatDuration(seconds)}`],
        ...(reusedBytes === 0 ? [] : [['reused', formatBytes(reusedBytes)]]),
      ],
      { indent: '  ' },
    ),
    `root ${style('strong', root)}`,
  ].join('\n');
}
