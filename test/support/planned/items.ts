import {
  ARTIFACT_TYPE,
  type Item,
  type PlannedBlob,
  type PlannedItem,
} from '../../../src/bundle/format/item.ts';
import type { BlobSource } from '../../../src/bundle/write/blob-content.ts';
import type { ByteStream } from '../../../src/internal/bytes.ts';
import { throwIfInterrupted } from '../../../src/internal/interrupt.ts';
import { EMPTY_CONFIG, EMPTY_CONFIG_BYTES, encodeArtifact, layerOf } from '../../../src/oci/artifact.ts';
import { type Digest, digestOf } from '../../../src/oci/digest.ts';
import { parseReference } from '../../../src/oci/reference.ts';
import type { FetchOptions } from '../../../src/oci/roles.ts';
import {
  incompressibleBytes,
  type SampleContent,
  type SampleImage,
  sampleImage,
  type SampleImageOptions,
} from '../samples/sample-image.ts';

/** An item as a source would plan it, and the content that upstream would send. */
export interface PlannedSample {
  readonly planned: PlannedItem;
  readonly contents: readonly SampleContent[];
}

/** Returns a real small image under its full name. */
export function plannedImage(name: string, options: SampleImageOptions = {}): PlannedSample {
  return plannedAs(name, sampleImage({ name, ...options }));
}

/** Returns an image of any shape under its full name. */
export function plannedAs(name: string, { root, blobs, manifests }: SampleImage): PlannedSample {
  const reference = parseReference(name);
  return {
    planned: {
      item: { kind: 'image', name, descriptor: root, audience: ['registry'] },
      blobs: [
        ...blobs.map(({ descriptor }): PlannedBlob => ({
          descriptor,
          origin: { type: 'registry', reference },
        })),
        ...manifests.map(({ descriptor, bytes }): PlannedBlob => ({
          descriptor,
          origin: { type: 'bytes', bytes },
        })),
      ],
    },
    contents: [...blobs, ...manifests],
  };
}

/** Returns a plain file as an artifact; without `bytes` a short text. */
export function plannedFile(name: string, bytes: Uint8Array = Buffer.from(`${name}\n`)): PlannedSample {
  return plannedArtifact({ kind: 'file', name, audience: ['files'] }, [{ name, bytes }]);
}

/** Returns a client as an artifact. */
export function plannedKubectl(version: string, platform: string): PlannedSample {
  const item = {
    kind: 'kubectl',
    name: `v${version} ${platform}`,
    version,
    platform,
    audience: ['kuberlr'],
  } as const;
  return plannedArtifact(item, [{ name: 'kubectl', bytes: Buffer.from(`kubectl ${version} ${platform}\n`) }]);
}

/** Returns the files of a K3s release as an artifact, of `size` incompressible bytes each. */
export function plannedK3s(tag: string, size = 1000): PlannedSample {
  const names = ['k3s', 'k3s-airgap-images-amd64.tar.zst', 'sha256sum-amd64.txt'];
  const item = { kind: 'k3s', name: tag, architectures: ['amd64'], audience: ['k3s-node'] } as const;
  return plannedArtifact(
    item,
    names.map((name) => ({ name, bytes: incompressibleBytes(`${tag} ${name}`, size) })),
  );
}

type WithoutDescriptor<T> = T extends Item ? Omit<T, 'descriptor'> : never;

function plannedArtifact(
  item: Exclude<WithoutDescriptor<Item>, { kind: 'image' | 'signature' | 'artifact' | 'unknown' }>,
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): PlannedSample {
  const layers = files.map(({ name, bytes }) => ({
    bytes,
    file: { name, descriptor: { digest: digestOf(bytes), size: bytes.length } },
  }));
  const manifest = encodeArtifact(
    ARTIFACT_TYPE[item.kind],
    layers.map(({ file }) => file),
  );
  const contents = [
    { descriptor: EMPTY_CONFIG, bytes: EMPTY_CONFIG_BYTES },
    ...layers.map(({ bytes, file }) => ({ bytes, descriptor: layerOf(file) })),
    manifest,
  ];
  return {
    planned: {
      item: { ...item, descriptor: manifest.descriptor },
      blobs: [
        { descriptor: EMPTY_CONFIG, origin: { type: 'bytes', bytes: EMPTY_CONFIG_BYTES } },
        ...layers.map(({ file }): PlannedBlob => {
          const url = `https://files.test/${encodeURIComponent(item.name)}/${file.name}?token=secret`;
          return { descriptor: layerOf(file), origin: { type: 'url', url } };
        }),
        { descriptor: manifest.descriptor, origin: { type: 'bytes', bytes: manifest.bytes } },
      ],
    },
    contents,
  };
}

/** A source in memory that remembers what it was asked for. */
export interface SampleSource extends BlobSource {
  readonly opened: { readonly digest: Digest; readonly offset: number }[];
}

export interface SampleSourceOptions {
  /** bytes */
  readonly chunk?: number;
  /** Stands in for the honest stream of a blob; `attempt` counts from 1. Left out or `undefined`, the stream is honest. */
  readonly instead?: (
    digest: Digest,
    honest: ByteStream,
    request: { readonly attempt: number; readonly offset: number },
  ) => ByteStream | undefined;
}

/** Returns a source that sends the content of `samples`. */
export function sampleSource(
  samples: readonly PlannedSample[],
  options: SampleSourceOptions = {},
): SampleSource {
  const contents = new Map(
    samples.flatMap((sample) => sample.contents).map(({ descriptor, bytes }) => [descriptor.digest, bytes]),
  );
  const opened: { readonly digest: Digest; readonly offset: number }[] = [];
  return {
    opened,
    open: ({ descriptor: { digest } }, request) => {
      const offset = request.offset ?? 0;
      opened.push({ digest, offset });
      const honest = chunksOf(contents.get(digest) ?? Buffer.alloc(0), options.chunk ?? 65_536, request);
      const attempt = opened.filter((one) => one.digest === digest).length;
      return options.instead?.(digest, honest, { attempt, offset }) ?? honest;
    },
  };
}

async function* chunksOf(bytes: Uint8Array, size: number, options: FetchOptions): ByteStream {
  for (let at = options.offset ?? 0; at < bytes.length; at += size) {
    await new Promise((resolve) => setImmediate(resolve));
    throwIfInterrupted(options.signal);
    yield bytes.subarray(at, at + size);
  }
}
