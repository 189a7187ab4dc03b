import * as z from 'zod';
import { isRecord } from '../../internal/json.ts';
import { shownText, textUpTo } from '../../internal/unicode/shown-text.ts';
import { ABOUT_SCHEMA } from '../../oci/about/about.ts';
import { decodeDescriptor } from '../../oci/descriptor.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { type BlobRef, BUNDLE_MEDIA_TYPE, type BundleDocument } from './document.ts';
import { CHART_IMAGE_METHODS, type Item, KIND, KNOWN_KINDS } from './item.ts';
import { DOCUMENT_LIMITS } from './limits.ts';
import { MOMENT } from './moment.ts';
import { SIGNATURE_ROOM } from './signature-lines.ts';

const text = shownText(DOCUMENT_LIMITS.text);
const size = z.int().nonnegative().describe('bytes');
const digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/)
  .pipe(z.custom<Digest>(isDigest));
const audience = z
  .enum(['rancher-desktop', 'kuberlr', 'k3s-node', 'rke2-node', 'registry', 'files'])
  .describe('who uses an item');
const platform = z
  .string()
  .regex(/^[a-z0-9._-]+\/[a-z0-9._-]+(\/[a-z0-9._-]+)?$/)
  .describe('os/architecture[/variant]');

/** OCI image-spec, descriptor.md, without embedded data. */
const descriptor = z
  .strictObject({
    mediaType: text,
    digest,
    size,
    urls: z.array(textUpTo(DOCUMENT_LIMITS.url)).max(DOCUMENT_LIMITS.urls).exactOptional(),
    annotations: z.record(text, textUpTo(DOCUMENT_LIMITS.annotation)).exactOptional(),
    platform: z
      .strictObject({
        architecture: text,
        os: text,
        'os.version': text.exactOptional(),
        variant: text.exactOptional(),
      })
      .exactOptional(),
    artifactType: text.exactOptional(),
  })
  .describe('root of the content: a descriptor as the OCI image-spec has it, without embedded data')
  .transform((value) => decodeDescriptor(value, 'bundle.json'));

/** Name and version make up the name of a file. */
const chartWord = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/);
const chartImage = z.strictObject({
  name: text.describe('full reference'),
  methods: z
    .array(z.enum(CHART_IMAGE_METHODS))
    .min(1)
    .max(CHART_IMAGE_METHODS.length)
    .describe('sorted: how it was found'),
});

const audiences = z.array(audience).max(audience.options.length).describe('sorted');
const base = { name: text.describe('unique within its kind'), descriptor, audience: audiences };

const places = z
  .array(text)
  .min(1)
  .max(DOCUMENT_LIMITS.places)
  .exactOptional()
  .describe('sorted: names at a registry, repository:tag, in place of those that an install gives');

const knownItem = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('image'),
    ...base,
    at: places,
    platforms: z
      .array(platform)
      .max(DOCUMENT_LIMITS.platforms)
      .exactOptional()
      .describe('kept from the index upstream; left out when it is whole'),
    spellings: z
      .array(text)
      .min(1)
      .max(2)
      .exactOptional()
      .describe('sorted: busybox:1 or library/busybox:1, left out when only the former was written'),
  }),
  z.strictObject({
    kind: z.literal('k3s'),
    ...base,
    architectures: z
      .array(text)
      .max(DOCUMENT_LIMITS.architectures)
      .describe('sorted: amd64, arm, arm64, s390x'),
  }),
  z.strictObject({
    kind: z.literal('rke2'),
    ...base,
    architectures: z.array(text).max(DOCUMENT_LIMITS.architectures).describe('sorted: amd64, arm64, s390x'),
    windows: z
      .array(text)
      .min(1)
      .max(DOCUMENT_LIMITS.architectures)
      .exactOptional()
      .describe('sorted: builds of Windows that it has images for'),
  }),
  z.strictObject({ kind: z.literal('k3s-versions'), ...base }),
  z.strictObject({
    kind: z.literal('kubectl'),
    ...base,
    version: text.describe('without a leading v: 1.30.6'),
    platform,
  }),
  z.strictObject({ kind: z.literal('file'), ...base }),
  z.strictObject({
    kind: z.literal('chart'),
    ...base,
    chart: chartWord.describe('its name in Chart.yaml'),
    version: chartWord.describe('its version in Chart.yaml'),
    images: z
      .array(chartImage)
      .max(DOCUMENT_LIMITS.chartImages)
      .exactOptional()
      .describe('found in it, sorted by name; left out for a chart that was not searched for images'),
  }),
  z.strictObject({ kind: z.literal('rancher'), ...base }),
  z.strictObject({
    kind: z.literal('openshift'),
    ...base,
    version: chartWord.describe('version of the release, such as 4.20.3'),
    architecture: chartWord.describe('amd64, arm64, ppc64le, s390x, or multi for a list of several'),
    image: text.describe('full reference of the release image, by digest'),
    keys: z
      .array(z.string().regex(/^[0-9a-f]{40}$/))
      .min(1)
      .max(DOCUMENT_LIMITS.releaseKeys)
      .exactOptional()
      .describe('sorted: fingerprints of keys that the builder trusts besides those of Red Hat'),
    unsigned: z.boolean().exactOptional().describe('whether the builder took it although nobody signed it'),
  }),
  z.strictObject({
    kind: z.literal('signature'),
    ...base,
    at: places,
    subject: digest.describe('what it is about'),
  }),
  z.strictObject({ kind: z.literal('artifact'), ...base }),
]);

/** A kind is a lower-case token; later versions may have more of them, with members that this one ignores. */
const otherItem = z
  .looseObject({
    kind: z
      .string()
      .max(DOCUMENT_LIMITS.kind)
      .regex(new RegExp(`^(?!(?:${KNOWN_KINDS.join('|')})$)${KIND.source.slice(1)}`)),
    ...base,
    audience: z.array(z.string().max(DOCUMENT_LIMITS.kind).regex(KIND)).max(DOCUMENT_LIMITS.audiences),
  })
  .transform(({ kind, name, descriptor: root }): Item => {
    return { kind: 'unknown', token: kind, name, descriptor: root, audience: [] };
  });

/** Returns the schema for an item of this kind: a single schema gives the clearest problems. */
export function itemSchemaFor(kind: unknown): z.ZodType<Item> {
  const isKnown = KNOWN_KINDS.some((known) => known === kind);
  return isKnown || typeof kind !== 'string' ? knownItem : otherItem;
}

/** One element of each list. */
const ITEM_SCHEMA: z.ZodType<Item> = z.union([knownItem, otherItem]);
export const FILE_SCHEMA: z.ZodType<BundleDocument['files'][number]> = z.strictObject({
  path: text,
  digest,
  size,
});
export const BLOB_SCHEMA: z.ZodType<BlobRef> = z.strictObject({ digest, size });

/** Returns a blob as nearly all are written: there are too many of them to ask the schema, which knows what is wrong with one. */
export function plainBlob(value: unknown): BlobRef | undefined {
  if (!isRecord(value) || Object.keys(value).length !== 2) return undefined;
  const { digest: found, size: bytes } = value;
  const isSize = typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes >= 0;
  return isDigest(found) && isSize ? { digest: found, size: bytes } : undefined;
}

/** A document with elements of these types in its lists. */
type DocumentOf<I, F, B> = Pick<
  BundleDocument,
  'version' | 'mediaType' | 'name' | 'about' | 'created' | 'signatureRoom' | 'patchOf'
> & {
  readonly items: readonly I[];
  readonly files: readonly F[];
  readonly blobs: readonly B[];
  readonly requires?:
    | readonly { readonly root: Digest; readonly name: string; readonly blobs: readonly B[] }[]
    | undefined;
};

function documentOf<I, F, B>(element: {
  readonly item: z.ZodType<I>;
  readonly file: z.ZodType<F>;
  readonly blob: z.ZodType<B>;
}): z.ZodType<DocumentOf<I, F, B>> {
  return z.strictObject({
    version: z
      .string()
      .regex(/^1\.(0|[1-9][0-9]{0,8})$/)
      .describe('of the format, major.minor'),
    mediaType: z.literal(BUNDLE_MEDIA_TYPE),
    name: text.describe('what the user calls the bundle'),
    about: ABOUT_SCHEMA.optional().describe('what people are told about it'),
    created: z
      .string()
      .regex(MOMENT)
      .exactOptional()
      .describe('when it was built, in UTC; left out unless it was asked for'),
    signatureRoom: z
      .int()
      .min(SIGNATURE_ROOM.least)
      .max(SIGNATURE_ROOM.most)
      .exactOptional()
      .describe('bytes of bundle.json.sig, for several signatures; 128, for one, when left out'),
    patchOf: digest.exactOptional().describe('root digest of the bundle that this patch repairs'),
    items: z
      .array(element.item)
      .max(DOCUMENT_LIMITS.items)
      .describe('what is in the bundle, sorted by kind, then name'),
    files: z
      .array(element.file)
      .max(DOCUMENT_LIMITS.files)
      .describe('oci-layout, README.txt, index.json and manifest.json, in this order'),
    blobs: z
      .array(element.blob)
      .max(DOCUMENT_LIMITS.blobs)
      .describe('every blob, at blobs/sha256/<hex>, in the order of the archive'),
    requires: z
      .array(
        z.strictObject({
          root: digest.describe('root digest of a bundle that has them'),
          name: text.describe('name of that bundle'),
          blobs: z.array(element.blob).min(1).max(DOCUMENT_LIMITS.blobs).describe('sorted by digest'),
        }),
      )
      .min(1)
      .max(DOCUMENT_LIMITS.bases)
      .exactOptional()
      .describe(
        'blobs of the items that are left out because the other side has them, by the bundles that brought them, in the order in which those are installed',
      ),
  });
}

/**
 * The one definition of `bundle.json`; `bundle-spec/schema/bundle.schema.json` is generated from it (from its input: there, a
 * descriptor has the form of OCI).
 */
export const BUNDLE_DOCUMENT_SCHEMA: z.ZodType<BundleDocument> = documentOf({
  item: ITEM_SCHEMA,
  file: FILE_SCHEMA,
  blob: BLOB_SCHEMA,
});

/** The same, but for the elements of the long lists: those are checked one by one, so that mistakes in them can be counted. */
export const BUNDLE_FRAME_SCHEMA: z.ZodType<DocumentOf<unknown, unknown, unknown>> = documentOf({
  item: z.unknown(),
  file: z.unknown(),
  blob: z.unknown(),
});
