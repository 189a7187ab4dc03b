import { createHash } from 'node:crypto';
import { memoryArchive } from '../../../src/archive/memory.ts';
import { ARTIFACT_TYPE, type Audience, type Item } from '../../../src/bundle/format/item.ts';
import { readBundle } from '../../../src/bundle/open.ts';
import type { OpenBundle } from '../../../src/bundle/bundle.ts';
import { encodeJson } from '../../../src/internal/json.ts';
import { EMPTY_CONFIG, EMPTY_CONFIG_BYTES, encodeArtifact, layerOf } from '../../../src/oci/artifact.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import type { PlannedSample } from '../planned/items.ts';
import { sampleBundle } from './sample-bundle.ts';
import { incompressibleBytes } from './sample-image.ts';

export interface SampleFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly executable?: boolean;
}

export interface K3sSampleOptions {
  /** `amd64` when left out. */
  readonly architectures?: readonly string[];
  /** `.tar.zst` when left out. */
  readonly suffixes?: readonly string[];
  /** Rancher Desktop and nodes when left out. */
  readonly audience?: readonly Audience[];
  /** bytes of each large file */
  readonly size?: number;
  /** Changes the text of a sums file. */
  readonly sums?: (text: string) => string;
  readonly imageList?: string;
  /** Names to leave out. */
  readonly without?: readonly string[];
}

const EXECUTABLE: Readonly<Record<string, string>> = { amd64: 'k3s', arm64: 'k3s-arm64', arm: 'k3s-armhf' };

/** Returns the files of a K3s release, its sums file true to the others. */
export function k3sFiles(tag: string, options: K3sSampleOptions = {}): readonly SampleFile[] {
  const { architectures = ['amd64'], suffixes = ['.tar.zst'], size = 3000, sums = (text) => text } = options;
  const files = architectures.flatMap((architecture): SampleFile[] => {
    const names = [
      ...suffixes.map((suffix) => `k3s-airgap-images-${architecture}${suffix}`),
      EXECUTABLE[architecture] ?? 'k3s',
    ];
    const content = names.map((name) => ({ name, bytes: incompressibleBytes(`${tag} ${name}`, size) }));
    const lines = content.map(({ name, bytes }) => `${hexOf(bytes)}  ${name}\n`);
    return [...content, { name: `sha256sum-${architecture}.txt`, bytes: Buffer.from(sums(lines.join(''))) }];
  });
  const others: SampleFile[] = [{ name: 'install.sh', bytes: Buffer.from(`#!/bin/sh\n# ${tag}\n`) }];
  if (options.imageList !== undefined)
    others.push({ name: 'k3s-images.txt', bytes: Buffer.from(options.imageList) });
  return [...files, ...others].filter(({ name }) => options.without?.includes(name) !== true);
}

/** Returns a K3s release as an item. */
export function k3sSample(tag: string, options: K3sSampleOptions = {}): PlannedSample {
  const { architectures = ['amd64'], audience = ['k3s-node', 'rancher-desktop'] } = options;
  return artifactSample({ kind: 'k3s', name: tag, architectures, audience }, k3sFiles(tag, options));
}

/** Returns a client as an item; `content` sets it apart from another of the same version. */
export function kubectlSample(version: string, platform: string, content = ''): PlannedSample {
  const name = platform.startsWith('windows/') ? 'kubectl.exe' : 'kubectl';
  const item = {
    kind: 'kubectl',
    name: `v${version} ${platform}`,
    version,
    platform,
    audience: ['kuberlr'],
  } as const;
  return artifactSample(item, [{ name, bytes: clientBytes(version, platform, content) }]);
}

/** Returns the bytes of {@link kubectlSample}. */
export function clientBytes(version: string, platform: string, content = ''): Uint8Array {
  return Buffer.from(`kubectl ${version} for ${platform}${content}\n`);
}

/** Returns a list of versions as an item. */
export function versionListSample(document: unknown): PlannedSample {
  const item = { kind: 'k3s-versions', name: 'k3s-versions', audience: ['rancher-desktop'] } as const;
  return artifactSample(item, [{ name: 'k3s-versions.json', bytes: encodeJson(document) }]);
}

/** Returns a plain file as an item. */
export function fileSample(
  name: string,
  options: Omit<SampleFile, 'name' | 'bytes'> & { readonly text?: string } = {},
): PlannedSample {
  const { text = `content of ${name}\n`, ...rest } = options;
  return artifactSample({ kind: 'file', name, audience: ['files'] }, [
    { name, bytes: Buffer.from(text), ...rest },
  ]);
}

/** Returns a bundle of samples, in memory. */
export async function bundleOf(samples: readonly PlannedSample[]): Promise<OpenBundle> {
  return await readBundle(memoryArchive(sampleBundle(samples).files), { path: 'lab.tar' });
}

/** Returns the hex digits of the SHA-256 of bytes. */
export function hexOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

type WithoutDescriptor<T> = T extends Item ? Omit<T, 'descriptor'> : never;

/** Returns files as an item. */
export function artifactSample(
  item: Exclude<WithoutDescriptor<Item>, { kind: 'image' | 'signature' | 'artifact' | 'unknown' }>,
  files: readonly SampleFile[],
): PlannedSample {
  const layers = files.map(({ bytes, ...file }) => ({
    bytes,
    file: { ...file, descriptor: { digest: digestOf(bytes), size: bytes.length } },
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
  const blobs = contents.map(({ descriptor, bytes }) => ({
    descriptor,
    origin: { type: 'bytes', bytes } as const,
  }));
  return { planned: { item: { ...item, descriptor: manifest.descriptor }, blobs }, contents };
}
