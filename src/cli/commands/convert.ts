import type { Usage } from 'clipanion';
import { formatBytes, formatCount, formatDuration } from '../../internal/format.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { parseChoice } from '../../internal/parse-choice.ts';
import type { ConvertProgress, ConvertResult, TreeResult } from '../../verbs/convert.ts';
import { BaseCommand } from '../base-command.ts';
import { tellBuild } from '../display/status/advance.ts';
import { kitRows } from '../display/kit.ts';
import { printable } from '../display/printable.ts';
import type { Status } from '../display/status/status.ts';
import type { Style } from '../display/style.ts';
import { formatTable } from '../display/table.ts';
import { CA_FILE_OPTION } from '../options/ca-file.ts';
import { argument, choiceOption, optionalArgument, placeOption, valueOption } from '../options/declare.ts';
import { KIT_OPTION, kitOf } from '../options/kit.ts';
import { carrySteps } from '../next/carry.ts';
import { mirrorSteps } from '../next/mirror.ts';
import { REGISTRIES_OPTION } from '../options/registries.ts';
import type { Outcome } from '../outcome.ts';
import { FORMAT_OPTION, shapeOf, VOLUME_SIZE_OPTION } from '../options/shape.ts';

/** What --to takes. */
const TREES = ['oc-mirror-dir'] as const;

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

      With --to oc-mirror-dir, OUT is the folder that "oc adm release mirror --to-dir" writes and "oc image mirror --from-dir" reads: every
      image of the bundle under the name that "bundle install --registry" gives it, and the signatures of OpenShift releases. It needs a
      filesystem with symbolic links.
    `,
    examples: [
      ['Make a zip, for people whose only tool is Explorer', '$0 convert lab.tar lab.zip'],
      ['Put it on a stick with FAT32', '$0 convert lab.tar /media/usb/lab.tar --volume-size 4095MiB'],
      ['Undo the repacking by a gateway', '$0 convert lab.zip lab.tar'],
      ['Hand images to someone who uses oc', '$0 convert ocp.tar -o ./mirror --to oc-mirror-dir'],
      ['Join volumes into one file', '$0 convert /media/usb/lab.tar.001 lab.tar'],
    ],
  };

  bundle: string = argument('IN');
  place: string | undefined = optionalArgument('OUT');
  out: string | undefined = valueOption('-o,--output', 'OUT', 'another way to give OUT');
  to: string | undefined = choiceOption('--to', TREES, 'write the images alone, as a folder of this form');
  format: string | undefined = choiceOption(...FORMAT_OPTION);
  volumeSize: string | undefined = valueOption(...VOLUME_SIZE_OPTION);

  kit: string | boolean | undefined = placeOption(...KIT_OPTION);
  registries: string | undefined = valueOption(...REGISTRIES_OPTION);
  caFile: string | undefined = valueOption(...CA_FILE_OPTION);

  protected override async perform(status: Status): Promise<Outcome<ConvertResult | TreeResult>> {
    const { surroundings, verbs } = this.context;
    const { bundle: path, registries: registriesFile, caFile } = this;
    const out = this.#out();
    if (this.to !== undefined) return await this.#toTree(status, out);
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

  async #toTree(status: Status, out: string): Promise<Outcome<TreeResult>> {
    const { surroundings, verbs } = this.context;
    const { bundle: path, registries: registriesFile, caFile } = this;
    parseChoice('--to', this.to ?? '', TREES);
    for (const [option, value] of [
      ['--format', this.format],
      ['--volume-size', this.volumeSize],
      ['--kit', this.kit],
    ] as const)
      if (value !== undefined) throw notWithTo(option);
    status.stage('convert', path);
    const { convertToTree } = await verbs.convert();
    const ears = this.ears(status, (progress: ConvertProgress) => tellBuild(status, progress));
    const result = await convertToTree({ path, out, registriesFile, caFile }, surroundings, ears);
    return { json: result, text: (style) => renderTree(result, style), next: mirrorSteps(result) };
  }

  #out(): string {
    const { place, out } = this;
    const found = place ?? out;
    if (found !== undefined && (place === undefined || out === undefined)) return found;
    const fact = found === undefined ? 'OUT is missing' : 'OUT is given twice';
    throw new SaddlebagError('ERR_USAGE_INVALID', `Cannot convert a bundle: ${fact}`, {
      hint: 'Name what to convert and where it goes: bundle convert IN OUT',
    });
  }
}

function notWithTo(option: string): SaddlebagError {
  return new SaddlebagError('ERR_USAGE_INVALID', `Cannot use ${option}: --to writes no bundle`, {
    hint: `Leave out ${option}, or --to.`,
  });
}

/** Returns what a tree holds as text; the last line is the root digest of its bundle. */
function renderTree({ root, path, items, blobs, bytes, ...result }: TreeResult, style: Style): string {
  const { repositories, form, seconds } = result;
  return [
    `${style('good', 'Converted')} to ${printable(path)}`,
    formatTable(
      [
        ['form', form],
        [
          'holds',
          `${formatCount(items, 'image')} in ${formatCount(repositories.length, 'repository', 'repositories')}, ${formatCount(blobs, 'blob')}, ${formatBytes(bytes)}`,
        ],
        ['took', formatDuration(seconds)],
      ],
      { indent: '  ' },
    ),
    `root ${style('strong', root)}`,
  ].join('\n');
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
