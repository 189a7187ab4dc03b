import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { PlannedBlob } from '../../src/bundle/format/item.ts';
import { blobPath, LAYOUT } from '../../src/bundle/format/layout.ts';
import { type BundlePlan, planBundle } from '../../src/bundle/plan/plan.ts';
import type { About } from '../../src/oci/about/about.ts';
import { type Descriptor, encodeDescriptor } from '../../src/oci/descriptor.ts';
import { type Digest, digestOf, hexOf } from '../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../src/oci/media-type.ts';
import { parsePlatform } from '../../src/oci/platform.ts';
import { artifactItem, unknownItem } from '../../test/support/planned/foreign.ts';
import type { PlannedSample } from '../../test/support/planned/items.ts';
import { packTar } from '../../test/support/samples/sample-bundle.ts';
import { folderSample } from '../../test/support/samples/folder-sample.ts';
import {
  artifactSample,
  fileSample,
  k3sSample,
  kubectlSample,
  versionListSample,
} from '../../test/support/samples/target-samples.ts';

export type Files = ReadonlyMap<string, Uint8Array>;

/** One small file. */
export const HELLO: PlannedSample = fileSample('hello.txt', {
  text: 'Hello from the other side of the gap\n',
});
/** A folder with all that can be in one. */
export const FOLDER: PlannedSample = folderSample('scripts', {
  files: [
    { name: 'scripts/run.sh', text: '#!/bin/sh\n', executable: true },
    { name: 'scripts/lib/one.txt', text: 'one\n' },
    { name: 'scripts/lib/größe.txt', text: '' },
  ],
  links: [
    { name: 'scripts/start', target: 'run.sh' },
    { name: 'scripts/lib/start', target: '../start' },
    { name: 'scripts/current', target: 'lib' },
  ],
  folders: ['scripts/var/spool'],
});
/** A single-platform image. */
export const IMAGE: PlannedSample = image('docker.io/library/hello:1.0', ['linux/amd64']);
/** The next version of that image, which shares a layer with it. */
export const NEWER_IMAGE: PlannedSample = image('docker.io/library/hello:1.1', ['linux/amd64']);
/** A two-platform index. */
export const INDEX: PlannedSample = image('quay.io/example/multi:2.0', ['linux/amd64', 'linux/arm64']);
/** One item of each kind. */
export const ALL: readonly PlannedSample[] = [
  IMAGE,
  INDEX,
  k3sSample('v1.30.6+k3s1', { size: 64 }),
  versionListSample({ cacheVersion: 2, versions: ['v1.30.6+k3s1'], channels: { stable: '1.30.6' } }),
  kubectlSample('1.30.6', 'linux/amd64'),
  artifactSample({ kind: 'rancher', name: 'v2.9.2', audience: ['files'] }, [
    { name: 'rancher-images.txt', bytes: Buffer.from('rancher/rancher:v2.9.2\n') },
  ]),
  chart('registry.example/charts/hello', '1.0.0'),
  artifactItem('registry.example/policies/base:1', 'application/vnd.example.policy.v1'),
  HELLO,
];
/** Of a kind that this version of the format does not have. */
export const UNKNOWN: PlannedSample = unknownItem('wasm-module', 'filter', {
  'filter.wasm': 'a module\n',
  'README.md': 'What it does\n',
});

/** Everything except the content is derived from the samples. */
export function planOfSamples(
  samples: readonly PlannedSample[],
  options: {
    readonly name?: string;
    readonly about?: About;
    readonly created?: string;
    readonly signatureRoom?: number;
  } = {},
): BundlePlan {
  const { name = 'example', about, created, signatureRoom } = options;
  return planBundle(
    name,
    samples.map(({ planned }) => planned),
    { about, created, signatureRoom },
  );
}

/** Returns the files of a planned bundle in archive order; the samples supply the content. */
export function filesOfPlan(plan: BundlePlan, samples: readonly PlannedSample[]): Map<string, Uint8Array> {
  const contents = new Map<Digest, Uint8Array>(
    samples.flatMap((sample) => sample.contents).map(({ descriptor, bytes }) => [descriptor.digest, bytes]),
  );
  return new Map<string, Uint8Array>([
    ...plan.files.map(({ path, bytes }) => [path, bytes] as const),
    ...plan.blobs.map(
      ({ descriptor: { digest } }) => [blobPath(digest), contents.get(digest) ?? Buffer.alloc(0)] as const,
    ),
  ]);
}

/** Returns the files of a bundle of samples. */
export function filesOf(samples: readonly PlannedSample[]): Map<string, Uint8Array> {
  return filesOfPlan(planOfSamples(samples), samples);
}

/** Returns files with a matching `SHA256SUMS`. */
export function sealed(files: Files): Map<string, Uint8Array> {
  const own: readonly string[] = [LAYOUT.document, LAYOUT.signature, LAYOUT.sums];
  const listed = [LAYOUT.document, ...[...files.keys()].filter((path) => !own.includes(path))];
  const lines = listed.map((path) => `${hexOf(digestOf(files.get(path) ?? ''))}  ${path}\n`);
  return new Map(
    [...files].map(([path, bytes]) => [path, path === LAYOUT.sums ? Buffer.from(lines.join('')) : bytes]),
  );
}

/** A publicly known Ed25519 key: it is for these examples only. */
export function exampleKey(seed: string): { readonly privateKey: KeyObject; readonly publicPem: string } {
  // PKCS#8 around the 32-byte key (RFC 8410, section 7).
  const der = Buffer.from(`302e020100300506032b657004220420${hexOf(digestOf(seed))}`, 'hex');
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicPem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });
  return { privateKey, publicPem };
}

/** An image with uncompressed layers: compressors change their output from one version to the next. */
function image(name: string, platforms: readonly string[]): PlannedSample {
  const images = platforms.map((platform) => {
    const layers = ['base', `${name} ${platform}`].map((text) => {
      const { tar } = packTar(new Map([['hello.txt', Buffer.from(`${text}\n`)]]));
      return content(MEDIA_TYPE.ociLayer, tar);
    });
    const { os, architecture } = parsePlatform(platform);
    const rootfs = { type: 'layers', diff_ids: layers.map(({ descriptor }) => descriptor.digest) };
    const config = content(MEDIA_TYPE.ociConfig, JSON.stringify({ architecture, os, rootfs }));
    const manifest = content(
      MEDIA_TYPE.ociManifest,
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MEDIA_TYPE.ociManifest,
        config: encodeDescriptor(config.descriptor),
        layers: layers.map(({ descriptor }) => encodeDescriptor(descriptor)),
      }),
    );
    return { manifest, contents: [config, ...layers, manifest], platform: { os, architecture } };
  });
  const manifests = images.map(({ manifest, platform }) => ({ ...manifest.descriptor, platform }));
  const index = content(
    MEDIA_TYPE.ociIndex,
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociIndex,
      manifests: manifests.map((descriptor) => encodeDescriptor(descriptor)),
    }),
  );
  const [only] = images;
  const root = images.length === 1 && only !== undefined ? only.manifest : index;
  const contents = [...images.flatMap((one) => one.contents), ...(root === index ? [index] : [])];
  const blobs = contents.map(({ descriptor, bytes }): PlannedBlob => ({
    descriptor,
    origin: { type: 'bytes', bytes },
  }));
  const item = { kind: 'image', name, descriptor: root.descriptor, audience: ['registry'] } as const;
  return { planned: { item, blobs }, contents };
}

/** A chart in the form that Helm pushes; its content is a placeholder. */
function chart(repository: string, version: string): PlannedSample {
  const config = content(MEDIA_TYPE.helmConfig, JSON.stringify({ name: 'hello', version }));
  const archive = content(MEDIA_TYPE.helmChart, 'a chart\n');
  const manifest = content(
    MEDIA_TYPE.ociManifest,
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociManifest,
      config: encodeDescriptor(config.descriptor),
      layers: [encodeDescriptor(archive.descriptor)],
    }),
  );
  const contents = [config, archive, manifest];
  const blobs = contents.map(({ descriptor, bytes }) => ({
    descriptor,
    origin: { type: 'bytes', bytes } as const,
  }));
  const base = { kind: 'chart', name: `${repository}:${version}`, audience: ['registry'] } as const;
  return {
    planned: { item: { ...base, descriptor: manifest.descriptor, chart: 'hello', version }, blobs },
    contents,
  };
}

function content(
  mediaType: string,
  data: string | Uint8Array,
): { descriptor: Descriptor; bytes: Uint8Array } {
  const bytes = Buffer.from(data);
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}
