import type { Usage } from 'clipanion';
import type { About } from '../../oci/about/about.ts';
import { aboutRows } from '../../oci/about/rows.ts';
import { compareText } from '../../internal/order.ts';
import { parseChoice } from '../../internal/parse-choice.ts';
import { formatBytes, formatCount } from '../../internal/format.ts';
import type { InspectedItem, InspectResult, KindTotal } from '../../verbs/inspect.ts';
import { BaseCommand } from '../base-command.ts';
import { printable } from '../display/printable.ts';
import { signatureLines } from '../display/signature.ts';
import type { Status } from '../display/status/status.ts';
import type { Style } from '../display/style.ts';
import { formatTable } from '../display/table.ts';
import { argument, choiceOption, listOption, valueOption } from '../options/declare.ts';
import { KEYS_NEEDED_OPTION, trustOf } from '../options/key.ts';
import { CA_FILE_OPTION } from '../options/ca-file.ts';
import { REGISTRIES_OPTION } from '../options/registries.ts';
import type { Outcome } from '../outcome.ts';

const SORTS = ['kind', 'size', 'name'] as const;
type Sort = (typeof SORTS)[number];
/** Less (bytes) is what every artifact shares, such as an empty config. */
const NOISE = 1024;

/** `bundle inspect BUNDLE` */
export class InspectCommand extends BaseCommand {
  static override paths: string[][] = [['inspect']];
  static override usage: Usage = {
    description: 'list what is in a bundle, how large it is and what is shared',
    details: `
      Items are listed by kind, the largest first; what several items share is counted in each of them, and once in the totals.
      Reads only the head of the bundle, so it proves nothing about the rest: verify does that.
    `,
    examples: [
      ['List a bundle', '$0 inspect lab.tar'],
      ['See what makes it large', '$0 inspect lab.tar --sort size'],
    ],
  };

  bundle: string = argument('BUNDLE');
  key: string[] | undefined = listOption(
    '--key',
    'PEM',
    'a public key that should have signed the bundle, instead of those trusted on this host; may be repeated, and any counts',
  );
  keysNeeded: string | undefined = valueOption(...KEYS_NEEDED_OPTION);
  sort: string | undefined = choiceOption(
    '--sort',
    SORTS,
    'the order of the items: by kind, the largest first (when left out), or all by size or name',
  );
  registries: string | undefined = valueOption(...REGISTRIES_OPTION);
  caFile: string | undefined = valueOption(...CA_FILE_OPTION);

  protected override async perform(status: Status): Promise<Outcome<InspectResult>> {
    const { surroundings, verbs } = this.context;
    const { bundle: path, registries: registriesFile, caFile } = this;
    const { key, keysNeeded } = trustOf(this);
    const sort = this.sort === undefined ? 'kind' : parseChoice('--sort', this.sort, SORTS);
    status.stage('open', path, { brief: true });
    const { inspectBundle } = await verbs.inspect();
    const wish = { path, key, keysNeeded, registriesFile, caFile };
    const result = await inspectBundle(wish, surroundings, this.ears(status));
    return { json: result, text: (style) => renderInspect(result, { sort, style }) };
  }
}

/** Returns the contents of a bundle as text; the last line is the root digest. */
function renderInspect(
  result: InspectResult,
  { sort, style }: { readonly sort: Sort; readonly style: Style },
): string {
  const {
    name,
    about = {},
    created,
    items,
    kinds,
    blobs,
    bytes,
    root,
    patchOf,
    requires = [],
    signatureRequired: required,
  } = result;
  const counts = `${formatCount(items.length, 'item')} in ${formatCount(blobs, 'blob')}, ${formatBytes(bytes)}`;
  return [
    `${style('strong', printable(name))}: ${counts}`,
    ...aboutLines(about),
    formatTable([['kind', 'name', 'size', 'shared', ''], ...inOrder(result, sort).flatMap(rowsOf)], {
      indent: '  ',
      right: [2, 3],
    }),
    ...(kinds.length === 0 ? [] : ['', formatTable(kinds.map(totalOf), { indent: '  ', right: [1, 2] }), '']),
    ...(created === undefined ? [] : [`created ${created}`]),
    ...(patchOf === undefined ? [] : [`a patch of ${patchOf}`]),
    ...requires.map(
      (base) =>
        `a delta: requires ${formatCount(base.blobs, 'blob')} (${formatBytes(base.bytes)}) of ${printable(base.name)} ${base.root}`,
    ),
    ...signatureLines(result, { style, required }),
    `root ${style('strong', root)}`,
  ].join('\n');
}

/** Kinds come in the order of the totals below. */
function inOrder({ items, kinds }: InspectResult, sort: Sort): readonly InspectedItem[] {
  const byName = items.toSorted((left, right) => compareText(left.name, right.name));
  if (sort === 'name') return byName;
  const bySize = byName.toSorted((left, right) => right.bytes - left.bytes);
  if (sort === 'size') return bySize;
  return kinds.flatMap(({ kind }) => bySize.filter((item) => item.kind === kind));
}

function totalOf({ kind, items, bytes, savedBytes }: KindTotal): readonly string[] {
  const saved = savedBytes < NOISE ? '' : `${formatBytes(bytes + savedBytes)} if nothing were shared`;
  return [kind, formatCount(items, 'item'), formatBytes(bytes), saved];
}

/** What whoever built it says about it; nothing proves that it is true. */
function aboutLines(about: About): readonly string[] {
  const rows = aboutRows(about).map((row) => row.map(printable));
  return rows.length === 0 ? [] : [formatTable(rows, { indent: '  ' })];
}

/** A chart is followed by the images found in it, and how each was found. */
function rowsOf(item: InspectedItem): readonly (readonly string[])[] {
  const images = item.images ?? [];
  return [
    rowOf(item),
    ...images.map(({ name, methods }) => ['', `  ${printable(name)}`, '', '', `by ${methods.join(', ')}`]),
  ];
}

/** Content shared with other items, which leaving out this item would not save. */
function rowOf(item: InspectedItem): readonly string[] {
  const { kind, name, bytes, sharedBytes } = item;
  const shared = sharedBytes < NOISE ? '-' : formatBytes(sharedBytes);
  return [kind, printable(name), formatBytes(bytes), shared, contentOf(item)];
}

function contentOf({ isUnknown, platforms, files, links, images, leftOut }: InspectedItem): string {
  if (isUnknown === true) return 'of an unknown kind: its files go with --files';
  if (images !== undefined) return `names ${formatCount(images.length, 'image')}`;
  if (platforms !== undefined) return printable(platforms.join(' '));
  const count = (files?.length ?? 0) + (links?.length ?? 0);
  if (leftOut !== undefined)
    return `${formatCount(count, 'file')}, without ${formatCount(leftOut, 'image')} on purpose`;
  return count < 2 ? '' : formatCount(count, 'file');
}
