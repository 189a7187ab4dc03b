import type { PlannedBlob } from '../../src/bundle/format/item.ts';
import { planBundle } from '../../src/bundle/plan/plan.ts';
import { EMPTY_CONFIG, EMPTY_CONFIG_BYTES, encodeArtifact } from '../../src/oci/artifact.ts';
import { type Descriptor, encodeDescriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../src/oci/media-type.ts';
import type { PlannedSample } from '../../test/support/planned/items.ts';
import { type Files, filesOfPlan } from './content.ts';
import { type Example, invalid } from './example.ts';
import { tarOf } from './valid.ts';

interface Content {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

const TEXT = contentOf(MEDIA_TYPE.octetStream, 'Hello\n');
const CONFIG: Content = { descriptor: EMPTY_CONFIG, bytes: EMPTY_CONFIG_BYTES };
const FILE = { name: 'hello.txt', descriptor: TEXT.descriptor };
const FILE_TYPE = 'application/vnd.saddlebag.file.v1';
const MANIFEST = Buffer.from(encodeArtifact(FILE_TYPE, [FILE]).bytes).toString();

/** What becomes of the manifest of a file, and what is said about it. */
const MANIFESTS: readonly (readonly [
  name: string,
  what: string,
  says: string,
  change: (manifest: string) => string | Uint8Array,
])[] = [
  [
    'two-lists',
    'that is a manifest and an index',
    'both "manifests" and "layers"',
    (text) => text.replace('{', '{"manifests":[],'),
  ],
  [
    'repeated-member',
    'with its layers twice',
    '"layers" twice',
    (text) => text.replace('{', '{"layers":[],'),
  ],
  [
    'other-case',
    'with its layers in another case of letters',
    '"layers" twice',
    (text) => text.replace('{', '{"Layers":[],'),
  ],
  [
    'other-media-type',
    'of another media type than its descriptor says',
    'is declared as',
    (text) => text.replace(MEDIA_TYPE.ociManifest, MEDIA_TYPE.dockerManifest),
  ],
  [
    'media-type-no-text',
    'whose media type is a number',
    '"mediaType" is not a string',
    (text) => text.replace(/"mediaType":"[^"]*"/, '"mediaType":2'),
  ],
  ['byte-order-mark', 'with a mark in front that some editors write', 'not JSON', (text) => `\ufeff${text}`],
  [
    'no-schema-version',
    'without a version',
    '"schemaVersion" is not 2',
    (text) => text.replace('"schemaVersion":2,', ''),
  ],
  [
    'schema-1',
    'of the first Docker',
    'schema 1',
    (text) => text.replace('"schemaVersion":2', '"schemaVersion":1'),
  ],
  [
    'annotation-no-text',
    'with an annotation that is no text',
    'is not a string',
    (text) => text.replace('"hello.txt"', '["hello.txt"]'),
  ],
  [
    'no-size',
    'with a layer without a size',
    '"size" is not a whole number',
    (text) => text.replace(/"size":6/, '"size":-6'),
  ],
];

/** Bundles with a valid `bundle.json` and intact content, whose items are not what they should be. */
export function invalidItems(): readonly Example[] {
  const about = (what: string, says: string): Parameters<typeof invalid>[2] => {
    return { what, says, code: 'ERR_BUNDLE_INVALID' };
  };
  const manifests = MANIFESTS.map(([name, what, says, change]) => {
    const root = contentOf(MEDIA_TYPE.ociManifest, change(MANIFEST));
    const code = name === 'schema-1' ? 'ERR_MANIFEST_UNSUPPORTED' : 'ERR_DOCUMENT_INVALID';
    const item = withType(root, FILE_TYPE);
    return invalid(`B-ITEM-5-${name}.tar`, tarOf(bundleOf('file', item, [CONFIG, TEXT])), {
      what: `with a manifest ${what}`,
      says,
      code,
    });
  });
  const docker = contentOf(
    MEDIA_TYPE.dockerManifest,
    MANIFEST.replace(MEDIA_TYPE.ociManifest, MEDIA_TYPE.dockerManifest),
  );
  const nested = indexes(10);
  return [
    ...manifests,
    invalid(
      'B-ITEM-2-docker-manifest.tar',
      tarOf(bundleOf('file', withType(docker, FILE_TYPE), [CONFIG, TEXT])),
      about('with an artifact whose root is a manifest of Docker', 'not an OCI manifest'),
    ),
    invalid(
      'B-ITEM-2-chart-of-two.tar',
      tarOf(chart([contentOf(MEDIA_TYPE.helmChart, 'one\n'), contentOf(MEDIA_TYPE.helmChart, 'two\n')])),
      about('with a chart of two charts', 'not that of one Helm chart'),
    ),
    invalid(
      'B-ITEM-2-chart-with-more.tar',
      tarOf(chart([contentOf(MEDIA_TYPE.helmChart, 'one\n'), TEXT])),
      about('with a chart that has a layer of another type', 'not that of one Helm chart'),
    ),
    invalid('B-ITEM-9-nested.tar', tarOf(bundleOf('image', nested[0] ?? TEXT, nested.slice(1))), {
      what: 'with indexes in one another without end',
      says: 'nested more than 8 deep',
      code: 'ERR_DOCUMENT_INVALID',
    }),
    invalid(
      'B-ITEM-10-other-type.tar',
      tarOf(
        bundleOf('artifact', withType(contentOf(MEDIA_TYPE.ociManifest, MANIFEST), 'application/wasm'), [
          CONFIG,
          TEXT,
        ]),
      ),
      about(
        'with an artifact of somebody else that is of another type',
        'and it is of "application/vnd.saddlebag.file.v1"',
      ),
    ),
    invalid(
      'B-ITEM-11-no-manifest.tar',
      tarOf(bundleOf('file', withType(TEXT, FILE_TYPE), [])),
      about('with an item whose root is no manifest', 'not a manifest or an index'),
    ),
  ];
}

function chart(layers: readonly Content[]): Files {
  const config = contentOf(MEDIA_TYPE.helmConfig, '{"name":"hello","version":"1.0.0"}');
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociManifest,
    config: encodeDescriptor(config.descriptor),
    layers: layers.map(({ descriptor }) => encodeDescriptor(descriptor)),
  };
  const root = contentOf(MEDIA_TYPE.ociManifest, JSON.stringify(manifest));
  return bundleOf('chart', root, [config, ...layers]);
}

/** Returns indexes of which each lists the next, the last nothing. */
function indexes(count: number): readonly Content[] {
  const list = count === 1 ? [] : indexes(count - 1);
  const manifests = list.slice(0, 1).map(({ descriptor }) => encodeDescriptor(descriptor));
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests };
  return [contentOf(MEDIA_TYPE.ociIndex, JSON.stringify(index)), ...list];
}

function bundleOf(
  kind: 'file' | 'image' | 'artifact' | 'chart',
  root: Content,
  others: readonly Content[],
): Files {
  const contents = [...others, root];
  const blobs = contents.map(({ descriptor, bytes }): PlannedBlob => {
    return { descriptor, origin: { type: 'bytes', bytes } };
  });
  const { descriptor } = root;
  const name = kind === 'file' ? 'hello.txt' : 'registry.example/lab/hello:1.0.0';
  const base = { name, descriptor, audience: ['files'] } as const;
  const item = kind === 'chart' ? { ...base, kind, chart: 'hello', version: '1.0.0' } : { ...base, kind };
  const sample: PlannedSample = { planned: { item, blobs }, contents };
  return filesOfPlan(planBundle('example', [sample.planned]), [sample]);
}

function withType({ descriptor, bytes }: Content, artifactType: string): Content {
  return { descriptor: { ...descriptor, artifactType }, bytes };
}

function contentOf(mediaType: string, text: string | Uint8Array): Content {
  const bytes = Buffer.from(text);
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}
