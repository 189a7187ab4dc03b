import { formatBytes, formatCount } from '../internal/format.ts';
import type { Digest } from '../oci/digest.ts';
import type { Overview, OverviewItem } from './overview.ts';
import { copyButton } from './copy-button.ts';
import { type Markup, markup } from './markup.ts';
import { pullRow } from './pull.ts';

type File = NonNullable<OverviewItem['files']>[number];

/** Item kinds in page order. */
const TITLES: Readonly<Record<string, string>> = {
  image: 'Images',
  chart: 'Helm charts',
  k3s: 'K3s releases',
  'k3s-versions': 'Versions for Rancher Desktop',
  kubectl: 'kubectl',
  rancher: 'Lists of Rancher releases',
  file: 'Files',
  artifact: 'Other artifacts',
  signature: 'Signatures and attestations',
};

/** Returns everything that is served, by kind, with a search box. */
export function itemSection({ items }: Overview): Markup {
  const all = formatCount(items.length, 'item');
  const found = Map.groupBy(items, ({ kind }) => kind);
  // An unknown kind is shown under its own name, after the others.
  const kinds = [...new Set([...Object.keys(TITLES), ...found.keys()])].map((kind) => ({
    id: `kind-${kind}`,
    title: TITLES[kind] ?? `Of the unknown kind ${kind}`,
    items: found.get(kind) ?? [],
  }));
  return markup`<section id="contents" aria-labelledby="contents-title">
    <h2 id="contents-title">Contents</h2>
    <div class="search" role="search">
      <label for="search">Search names, platforms, files and checksums</label>
      <input id="search" type="search" autocomplete="off" autocapitalize="off" spellcheck="false" />
    </div>
    <p id="count" class="quiet" role="status" aria-live="polite" data-all="${all}">${all}</p>
    ${kinds.filter((kind) => kind.items.length > 0).map(kindTable)}
  </section>`;
}

/** ARIA roles are explicit: on phones the table is laid out as cards, and browsers then drop the implicit roles. */
function kindTable(kind: {
  readonly id: string;
  readonly title: string;
  readonly items: readonly OverviewItem[];
}): Markup {
  const { id, title, items } = kind;
  const detail = id === 'kind-image' ? 'Platforms' : 'File';
  return markup`<section data-kind aria-labelledby="${id}">
    <h3 id="${id}">${title} <span class="quiet" data-count="${items.length}">${items.length}</span></h3>
    <table role="table" aria-labelledby="${id}">
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col" class="name">Name</th>
          <th role="columnheader" scope="col" class="detail">${detail}</th>
          <th role="columnheader" scope="col" class="size">Size</th>
          <th role="columnheader" scope="col" class="sum">Checksum</th>
        </tr>
      </thead>
      ${items.map(itemRows)}
    </table>
  </section> `;
}

/** A single file is the item itself, and its size is the item's, as "bundle inspect" tells it; several files get a line each below it. */
function itemRows(item: OverviewItem): Markup {
  const { name, platforms, files = [], bytes, digest } = item;
  const title = markup`<bdi>${name}</bdi>`;
  const [file] = files;
  if (file !== undefined && files.length === 1) {
    return itemBody([rowOf(title, { detail: fileLink(file), bytes, digest: file.digest, name })]);
  }
  const detail = platforms === undefined ? fileCount(item) : markup`${platforms.join(', ')}`;
  return itemBody([
    rowOf(title, { detail, bytes, digest, name }),
    pullRow(item) ?? markup``,
    ...files.map((one) =>
      rowOf(markup`<span class="unseen">${name}</span>`, {
        detail: fileLink(one),
        bytes: one.size,
        digest: one.digest,
        name: one.name,
      }),
    ),
  ]);
}

/** Whoever has nothing but a browser gets all of them in one go. */
function fileCount({ files = [], zip }: OverviewItem): Markup {
  const count = formatCount(files.length, 'file');
  return zip === undefined ? markup`${count}` : markup`${count}, <a href="${zip}">as one zip</a>`;
}

function itemBody(rows: readonly Markup[]): Markup {
  return markup`<tbody role="rowgroup" data-item>
    ${rows}
  </tbody> `;
}

interface Row {
  readonly detail: Markup;
  /** bytes */
  readonly bytes: number;
  readonly digest: Digest;
  /** What the checksum covers. */
  readonly name: string;
}

function rowOf(title: Markup, { detail, bytes, digest, name }: Row): Markup {
  return markup`<tr role="row">
    <th role="rowheader" scope="row" class="name">${title}</th>
    <td role="cell" class="detail">${detail}</td>
    <td role="cell" class="size">${formatBytes(bytes)}</td>
    <td role="cell" class="sum"><code>${digest}</code>${copyButton(`the checksum of ${name}`)}</td>
  </tr>`;
}

function fileLink({ name, path }: File): Markup {
  return path === undefined ? markup`<bdi>${name}</bdi>` : markup`<a href="${path}"><bdi>${name}</bdi></a>`;
}
