import { ENTRY_LIMIT, PATH_LIMIT } from '../../src/internal/path/guard.ts';
import { FILLING_LIMIT } from '../../src/archive/tar/walk.ts';
import { VOLUME_LIMIT } from '../../src/archive/volumes/volumes.ts';
import { DOCUMENTS_LIMIT } from '../../src/bundle/check/items.ts';
import { DOCUMENT_LIMIT } from '../../src/bundle/format/decode.ts';
import { DOCUMENT_LIMITS } from '../../src/bundle/format/limits.ts';
import { SIGNATURE_LIMIT, SIGNATURE_ROOM } from '../../src/bundle/format/signature-lines.ts';
import { JSON_LIMIT } from '../../src/internal/foreign-json.ts';
import { CHAIN_LIMIT } from '../../src/oci/artifact-tree.ts';
import { COUNT_LIMIT, DEPTH_LIMIT } from '../../src/oci/graph.ts';
import { MANIFEST_LIMIT } from '../../src/oci/manifest.ts';
import { PARITY_LIMIT, SHARD_LIMIT } from '../../src/parity/geometry.ts';
import { LOCK_LIMIT } from '../../src/spec/lock/lock.ts';

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'];
const of = DOCUMENT_LIMITS;

/** What has a ceiling, the ceiling as the page shows it, and the requirements that are about it. */
const CEILINGS: readonly (readonly [what: string, limit: string, requirements: string])[] = [
  ['`bundle.json`, `index.json`, `manifest.json`, each', bytes(DOCUMENT_LIMIT), 'B-DOC-4, B-INDEX-6'],
  [
    'a manifest or an index, and a document of [layout.md](layout.md)',
    bytes(MANIFEST_LIMIT),
    'B-ITEM-5, B-LAYOUT-10',
  ],
  ['manifests and indexes that all items lead to, counted for each item', bytes(DOCUMENTS_LIMIT), 'B-ITEM-9'],
  ['indexes in one another', count(DEPTH_LIMIT), 'B-ITEM-9'],
  ['blobs of an item', count(COUNT_LIMIT), 'B-ITEM-9'],
  ['objects and lists in one another in a JSON document', count(JSON_LIMIT.depth), 'B-DOC-16'],
  ['members of an object of a JSON document', count(JSON_LIMIT.members), 'B-DOC-16'],
  ['values of a JSON document', count(JSON_LIMIT.values), 'B-DOC-16'],
  ['items of a bundle', count(of.items), 'B-DOC-3'],
  ['blobs of a bundle, and required blobs, each', count(of.blobs), 'B-DOC-3'],
  ['bundles that a delta requires blobs of', count(of.bases), 'B-DOC-3'],
  ['elements of `files`', count(of.files), 'B-DOC-3'],
  ['a text, in UTF-16 code units', count(of.text), 'B-DOC-3, B-DOC-18'],
  ['what is told in `about`, each member', 'see [bundle-json.md](bundle-json.md)', 'B-DOC-19'],
  ['symbolic links from one to the next', count(CHAIN_LIMIT), 'B-ITEM-12'],
  ['a kind, in characters', count(of.kind), 'B-DOC-3'],
  ['audiences of an item of a kind that a reader does not know', count(of.audiences), 'B-DOC-3'],
  ['`platforms` of an image', count(of.platforms), 'B-DOC-3'],
  ['`architectures` of a K3s release', count(of.architectures), 'B-DOC-3'],
  ['`images` of a chart', count(of.chartImages), 'B-DOC-3'],
  ['`at` of an image or a signature', count(of.places), 'B-DOC-3'],
  ['`keys` of an OpenShift release', count(of.releaseKeys), 'B-DOC-3'],
  ['`urls` of a descriptor in `bundle.json`', count(of.urls), 'B-DOC-3'],
  ['one of these, in UTF-16 code units', count(of.url), 'B-DOC-3, B-DOC-18'],
  [
    'the value of an annotation in `bundle.json`, in UTF-16 code units',
    count(of.annotation),
    'B-DOC-3, B-DOC-18',
  ],
  ['all sizes of a bundle together', '2^53 − 1', 'B-DOC-9'],
  ['a path, and a name in it, in UTF-8', count(PATH_LIMIT), 'B-PATH-1'],
  ['entries of an archive, folders included', count(ENTRY_LIMIT), 'B-PATH-4'],
  ['folders that paths lead through', count(ENTRY_LIMIT), 'B-PATH-4'],
  ['zeros behind the end mark of a tar', bytes(FILLING_LIMIT), 'B-TAR-5'],
  ['volumes of one whole', count(VOLUME_LIMIT), 'B-VOL-1, B-PAR-5'],
  ['`bundle.json.sig`', count(SIGNATURE_ROOM.most), 'B-SIG-1, B-DOC-3'],
  ['signatures in it', count(SIGNATURE_LIMIT), 'B-SIG-5'],
  ['data shards of a parity file, and parity shards, each', count(SHARD_LIMIT), 'B-PAR-5'],
  ['parity shards of a stripe', count(PARITY_LIMIT), 'B-PAR-5'],
  ['a bundle with a parity file', bytes(SHARD_LIMIT * 1024 ** 2), 'B-PAR-5'],
  ['a lock', bytes(LOCK_LIMIT), 'B-LOCK-4'],
];

/** Returns the table of ceilings, each as the program has it. */
export function ceilings(): string {
  const rows = CEILINGS.map((cells) => `| ${cells.join(' | ')} |`);
  return ['| what | at most | requirement |', '|---|---|---|', ...rows].join('\n');
}

function bytes(value: number): string {
  const unit = Math.floor(Math.log(value) / Math.log(1024));
  return `${value / 1024 ** unit} ${UNITS[unit - 1]}`;
}

/** With a narrow space between the thousands, from 10 000 on. */
function count(value: number): string {
  return value < 10_000 ? String(value) : value.toLocaleString('en').replaceAll(',', ' ');
}
