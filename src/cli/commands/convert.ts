import type { Usage } from 'clipanion';
import { formatBytes, formatCount, formatDuration } from '../../internal/format.ts';
import type { ConvertProgress, ConvertResult } from '../../verbs/convert.ts';
import { BaseCommand } from '../base-command.ts';
import { tellBuild } from '../display/status/advance.ts';
import { kitRows } from '../display/kit.ts';
import { printable } from '../display/printable.ts';
import type { Status } from '../display/status/status.ts';
import type { Style } from '../display/style.ts';
import { formatTable } from '../display/table.ts';
import { CA_FILE_OPTION } from '../options/ca-file.ts';
import { argument, choiceOption, placeOption, valueOption } from '../options/declare.ts';
import { KIT_OPTION, kitOf } from '../options/kit.ts';
import { carrySteps } from '../next/carry.ts';
import { REGISTRIES_OPTION } from '../options/registries.ts';
import type { Outcome } from '../outcome.ts';
import { FORMAT_OPTION, shapeOf, VOLUME_SIZE_OPTION } from '../options/shape.ts';

/** `bundle convert IN OUT` */
export class ConvertCommand extends BaseCommand {
  static override paths: string[][] = [['convert']];
  static override usage: Usage = {
    description: 'write a bundle again in another form',
    details: `
      A bundle is a tar, a zip, a directory, or volumes of one of them; its content, its signature and its root digest are the
      same in each. Every byte is verified on its way, and only --kit needs the network. A stopped conversion continues where
      it stopped when it is run again. A zip that another
      program has packed again, with compression, is taken too.
    `,
    examples: [
      ['Make a zip, for people whose only tool is Explorer', '$0 convert lab.tar lab.zip'],
      ['Put it on a stick with FAT32', '$0 convert lab.tar /media/usb/lab.tar --volume-size 4095MiB'],
      ['Undo the repacking by a gateway', '$0 convert lab.zip lab.tar'],
      ['Join volumes into one file', '$0 convert /media/usb/lab.tar.001 lab.tar'],
    ],
  };

  bundle: string = argument('IN');
  out: string = argument('OUT');
  format: string | undefined = choiceOption(...FORMAT_OPTION);
  volumeSize: string | undefined = valueOption(...VOLUME_SIZE_OPTION);

  kit: string | boolean | undefined = placeOption(...KIT_OPTION);
  registries: string | undefined = valueOption(...REGISTRIES_OPTION);
  caFile: string | undefined = valueOption(...CA_FILE_OPTION);

  protected override async perform(status: Status): Promise<Outcome<ConvertResult>> {
    const { surroundings, verbs } = this.context;
    const { bundle: path, out, registries: registriesFile, caFile } = this;
    const kit = kitOf(this.kit);
    const { form, volumeSize } = shapeOf(this);
    status.stage('convert', path);
    const { convertBundle } = await verbs.convert();
    const ears = this.ears(status, (progress: ConvertProgress) => tellBuild(status, progress));
    const result = await convertBundle(
      {
        path,
        out,
        form,
        volumeSize,
        registriesFile,
        caFile,
        kit: kit && { platforms: kit.platforms, caFile },
      },
      surroundings,
      ears,
    );
    const next = carrySteps({ ...result, isSigned: result.signature !== 'none' });
    return { json: result, text: (style) => renderConvert(result, style), next };
  }
}

/** Returns the result of a conversion as text; the last line is the root digest. */
function renderConvert(result: ConvertResult, style: Style): string {
  const { root, path, form, bytes, items, blobs, kit, seconds } = result;
  return [
    `${style('good', 'Converted')} to ${printable(path)}`,
    formatTable(
      [
        ['form', form],
        ['holds', `${formatCount(items, 'item')} in ${formatCount(blobs, 'blob')}, ${formatBytes(bytes)}`],
        ...kitRows(kit),
        ['took', formatDuration(seconds)],
      ],
      { indent: '  ' },
    ),
    `root ${style('strong', root)}`,
  ].join('\n');
}
