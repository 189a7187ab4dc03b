import { basename } from 'node:path';
import type { Usage } from 'clipanion';
import { formatBytes } from '../../internal/format.ts';
import type { KitProgress, MakeKitResult } from '../../verbs/kit.ts';
import { BaseCommand } from '../base-command.ts';
import { kitRows } from '../display/kit.ts';
import { printable } from '../display/printable.ts';
import { kitAdvance } from '../display/status/advance.ts';
import type { Status } from '../display/status/status.ts';
import type { Style } from '../display/style.ts';
import { formatTable } from '../display/table.ts';
import { CA_FILE_OPTION } from '../options/ca-file.ts';
import { argument, listOption, valueOption } from '../options/declare.ts';
import { carrySteps } from '../next/carry.ts';
import { commandLine } from '../next/command.ts';
import type { NextStep, Outcome } from '../outcome.ts';

/** `bundle kit DIR` */
export class KitCommand extends BaseCommand {
  static override paths: string[][] = [['kit']];
  static override usage: Usage = {
    description: 'put beside a bundle what it takes to run it: this program, its runtime, a first page',
    details: `
      The folder, such as a stick, then needs nothing on the host it is carried to: launchers for Windows, macOS and Linux start this
      program with an unmodified Node.js that lies there too. Runtimes come from nodejs.org, checked against its published sums,
      and are kept in a cache folder. "bundle build --kit" does the same in one go, with its pins in the lock.
    `,
    examples: [
      ['Make a stick self-sufficient', '$0 kit /media/usb'],
      ['For Windows and Linux only', '$0 kit /media/usb --platform windows/amd64 --platform linux/amd64'],
    ],
  };

  folder: string = argument('DIR');
  platform: string[] | undefined = listOption(
    '--platform',
    'OS/ARCH',
    'a platform to run on; may be repeated; when left out, linux/amd64 and those that the bundles there have clients for',
  );
  node: string | undefined = valueOption(
    '--node',
    'VERSION',
    'the release of Node.js; the newest LTS release when left out',
  );
  mirror: string | undefined = valueOption(
    '--mirror',
    'URL',
    'where runtimes are downloaded from; https://nodejs.org/dist when left out',
  );
  caFile: string | undefined = valueOption(...CA_FILE_OPTION);

  protected override async perform(status: Status): Promise<Outcome<MakeKitResult>> {
    const { surroundings, verbs } = this.context;
    const { folder, platform: platforms, node, mirror, caFile } = this;
    status.stage('kit', folder);
    const { makeKit } = await verbs.kit();
    const result = await makeKit(
      { folder, platforms, node, mirror, caFile },
      surroundings,
      this.ears(status, (progress: KitProgress) => status.advance(kitAdvance(progress))),
    );
    return { json: result, text: (style) => renderKit(result, style), next: nextOf(result) };
  }
}

/** A bundle that is put there later is named on the first page when the kit is made again. */
function nextOf(kit: MakeKitResult): readonly NextStep[] {
  const [first] = kit.bundles;
  if (first === undefined)
    return [{ text: 'put a bundle beside it, and again', command: commandLine('bundle', ['kit', kit.path]) }];
  return carrySteps({ path: first.path, paths: [kit.path], kit });
}

/** Returns the result as text; the last line is the digest of the kit's sums. */
function renderKit(result: MakeKitResult, style: Style): string {
  const { path, bundles, writtenBytes, fetchedBytes, digest } = result;
  return [
    `${style('good', writtenBytes === 0 ? 'Nothing to do' : 'Made')}: the kit in ${printable(path)}`,
    formatTable(
      [
        ...kitRows(result).filter(([name]) => name === 'kit'),
        ['fetched', formatBytes(fetchedBytes)],
        ['written', formatBytes(writtenBytes)],
        ...bundles.map((bundle) => ['bundle', `${printable(basename(bundle.path))}  ${bundle.root}`]),
      ],
      { indent: '  ' },
    ),
    ...(bundles.length === 0 ? ['No bundle is there yet'] : []),
    `kit sums ${style('strong', digest)}`,
  ].join('\n');
}
