import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { encodeDescriptor } from '../../../src/oci/descriptor.ts';
import { digestOf, hexOf } from '../../../src/oci/digest.ts';
import { decodeManifest } from '../../../src/oci/manifest.ts';
import { rawTar } from '../archives/raw-tar.ts';
import type { SampleContent, SampleImage } from './sample-image.ts';

/** A file, or a link, of what a program saved. */
export interface SavedEntry {
  readonly path: string;
  readonly bytes?: Uint8Array | string | undefined;
  /** Target of a symbolic link. */
  readonly link?: string | undefined;
}

/** An image taken apart. */
interface Parts {
  readonly config: SampleContent;
  /** As registries have them. */
  readonly layers: readonly SampleContent[];
  /** The same, unpacked. */
  readonly plain: readonly Uint8Array[];
}

const json = (value: unknown): string => JSON.stringify(value);
const v1Id = (seed: string): string => hexOf(digestOf(`v1 ${seed}`));

/** Returns the image of one platform taken apart. */
export function partsOf({ manifests, blobs }: SampleImage): Parts {
  const [manifest] = manifests;
  const document = decodeManifest(manifest?.bytes ?? Buffer.from('{}'));
  if (document.type === 'index') throw new Error('the sample has several platforms');
  const find = (digest: string): SampleContent => {
    const blob = blobs.find(({ descriptor }) => descriptor.digest === digest);
    if (blob === undefined) throw new Error(`the sample has no ${digest}`);
    return blob;
  };
  const layers = document.layers.map(({ digest }) => find(digest));
  return {
    config: find(document.config.digest),
    layers,
    plain: layers.map(({ bytes }) => gunzipSync(bytes)),
  };
}

/** Docker before 1.10. */
export function v1Form(image: SampleImage, name: string): readonly SavedEntry[] {
  const { plain } = partsOf(image);
  const created = '2024-01-01T00:00:00Z';
  const ids = plain.map((_, at) => v1Id(`${name} ${at}`));
  const [, repository, tag] = /^(.*):([^:]*)$/.exec(name) ?? [];
  return [
    ...plain.flatMap((bytes, at) => [
      { path: `${ids[at]}/VERSION`, bytes: '1.0' },
      {
        path: `${ids[at]}/json`,
        bytes: json({
          id: ids[at],
          parent: ids[at - 1],
          architecture: 'amd64',
          os: 'linux',
          created,
          container_config: { Cmd: ['/bin/sh', '-c', `step ${at}`] },
        }),
      },
      { path: `${ids[at]}/layer.tar`, bytes },
    ]),
    { path: 'repositories', bytes: json({ [repository ?? '']: { [tag ?? '']: ids.at(-1) } }) },
  ];
}

/** Docker 1.10 to 24: a layer that is there twice is a link. */
export function dockerForm(image: SampleImage, name: string | undefined): readonly SavedEntry[] {
  const { config, plain } = partsOf(image);
  const hex = hexOf(config.descriptor.digest);
  const paths = plain.map((_, at) => `${v1Id(`${name} ${at}`)}/layer.tar`);
  return [
    { path: `${hex}.json`, bytes: config.bytes },
    ...plain.map((bytes, at) => ({ path: paths[at] ?? '', bytes })),
    {
      path: 'manifest.json',
      bytes: json([{ Config: `${hex}.json`, RepoTags: name === undefined ? null : [name], Layers: paths }]),
    },
  ];
}

/** podman and skopeo's `docker-archive:`: layers by digest, what the list names are links to them. */
export function podmanForm(image: SampleImage, name: string): readonly SavedEntry[] {
  const { config, plain } = partsOf(image);
  const hex = hexOf(config.descriptor.digest);
  const ids = plain.map((_, at) => v1Id(`${name} ${at}`));
  return [
    ...plain.flatMap((bytes, at) => [
      // The link comes before what it leads to.
      { path: `${ids[at]}/layer.tar`, link: `../${hexOf(digestOf(bytes))}.tar` },
      { path: `${hexOf(digestOf(bytes))}.tar`, bytes },
    ]),
    { path: `${hex}.json`, bytes: config.bytes },
    { path: 'repositories', bytes: json({}) },
    {
      path: 'manifest.json',
      bytes: json([{ Config: `${hex}.json`, RepoTags: [name], Layers: ids.map((id) => `${id}/layer.tar`) }]),
    },
  ];
}

/** crane, ko and kaniko: layers as the registry has them, and no manifest. */
export function craneForm(image: SampleImage, name: string): readonly SavedEntry[] {
  const { config, layers } = partsOf(image);
  const paths = layers.map(({ descriptor }) => `${hexOf(descriptor.digest)}.tar.gz`);
  return [
    { path: config.descriptor.digest, bytes: config.bytes },
    ...layers.map(({ bytes }, at) => ({ path: paths[at] ?? '', bytes })),
    {
      path: 'manifest.json',
      bytes: json([{ Config: config.descriptor.digest, RepoTags: [name], Layers: paths }]),
    },
  ];
}

/** Jib: the config has no digest in its name. */
export function jibForm(image: SampleImage, name: string): readonly SavedEntry[] {
  const { config } = partsOf(image);
  return craneForm(image, name).map((entry) => ({
    ...entry,
    path: entry.path.startsWith('sha256:') ? 'config.json' : entry.path,
    bytes:
      entry.path === 'manifest.json'
        ? Buffer.from(entry.bytes ?? '')
            .toString()
            .replace(config.descriptor.digest, 'config.json')
        : entry.bytes,
  }));
}

/** Docker 25 and later on graph drivers: a layout whose blobs are plain, and a manifest that was made for it. */
export function hybridForm(image: SampleImage, name: string): readonly SavedEntry[] {
  const { config, plain } = partsOf(image);
  const mediaType = 'application/vnd.oci.image.layer.v1.tar';
  const layers = plain.map((bytes) => ({ mediaType, digest: digestOf(bytes), size: bytes.length }));
  const manifest = Buffer.from(
    json({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: config.descriptor.digest,
        size: config.bytes.length,
      },
      layers,
    }),
  );
  const root = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: digestOf(manifest),
    size: manifest.length,
  };
  const annotations = {
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': name.replace(/^.*:/, ''),
  };
  return [
    ...[config.bytes, ...plain, manifest].map((bytes) => ({
      path: `blobs/sha256/${hexOf(digestOf(bytes))}`,
      bytes,
    })),
    { path: 'index.json', bytes: json({ schemaVersion: 2, manifests: [{ ...root, annotations }] }) },
    {
      path: 'manifest.json',
      bytes: json([
        {
          Config: `blobs/sha256/${hexOf(config.descriptor.digest)}`,
          RepoTags: [name],
          Layers: plain.map((bytes) => `blobs/sha256/${hexOf(digestOf(bytes))}`),
          LayerSources: Object.fromEntries(layers.map((layer) => [layer.digest, layer])),
        },
      ]),
    },
    { path: 'oci-layout', bytes: json({ imageLayoutVersion: '1.0.0' }) },
  ];
}

export interface LayoutFormOptions {
  /** Of the entry; the names of containerd when left out. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Blobs that are not there. */
  readonly without?: readonly string[];
  readonly mark?: boolean;
}

/** ctr, nerdctl, regctl, buildx, skopeo and Docker's containerd store: blobs as the registry has them. */
export function layoutForm(
  image: SampleImage,
  name: string,
  options: LayoutFormOptions = {},
): readonly SavedEntry[] {
  const { without = [], mark = true } = options;
  const annotations = options.annotations ?? {
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': name.replace(/^.*:/, ''),
  };
  const all = [...image.blobs, ...image.manifests].filter(
    ({ descriptor }) => !without.includes(descriptor.digest),
  );
  return [
    ...(mark ? [{ path: 'oci-layout', bytes: json({ imageLayoutVersion: '1.0.0' }) }] : []),
    {
      path: 'index.json',
      bytes: json({ schemaVersion: 2, manifests: [{ ...encodeDescriptor(image.root), annotations }] }),
    },
    ...all.map(({ descriptor, bytes }) => ({ path: `blobs/sha256/${hexOf(descriptor.digest)}`, bytes })),
  ];
}

/** hauler: no `oci-layout`, a chart that is no image, and a list that gives every platform the same name. */
export function haulForm(image: SampleImage, name: string): readonly SavedEntry[] {
  const annotations = {
    kind: 'dev.hauler/image',
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': name.replace(/^[^/]*\//, ''),
  };
  const list = [{ Config: 'blobs/sha256/none', RepoTags: [name], Layers: [] }];
  return [
    ...layoutForm(image, name, { annotations, mark: false }),
    { path: 'manifest.json', bytes: json(list) },
    { path: 'store.json', bytes: json({ 'store-id': 'x', 'hauler-version': '2.1' }) },
  ];
}

/** Zarf: a layout in `images/`, where only the base name is the name. */
export function zarfForm(image: SampleImage, name: string): readonly SavedEntry[] {
  const annotations = { 'org.opencontainers.image.base.name': name };
  return [
    { path: 'zarf.yaml', bytes: 'kind: ZarfPackageConfig\n' },
    { path: 'checksums.txt', bytes: '' },
    ...layoutForm(image, name, { annotations }).map(({ path, bytes }) => ({ path: `images/${path}`, bytes })),
  ];
}

/** skopeo's `dir:` and podman's `docker-dir`. */
export function dirForm(image: SampleImage): readonly SavedEntry[] {
  return [
    { path: 'version', bytes: 'Directory Transport Version: 1.1\n' },
    ...image.manifests.map(({ descriptor, bytes }) => ({
      path:
        descriptor.digest === image.root.digest
          ? 'manifest.json'
          : `${hexOf(descriptor.digest)}.manifest.json`,
      bytes,
    })),
    ...image.blobs.map(({ descriptor, bytes }) => ({ path: hexOf(descriptor.digest), bytes })),
  ];
}

/** `oc adm release mirror --to-dir`: how a digest is written, and what a tag leads to. */
export function ocTreeForm(
  image: SampleImage,
  place: string,
  style: 'links' | 'old-links' | 'windows' = 'links',
): readonly SavedEntry[] {
  const [, repository, tag] = /^(.*):([^:]*)$/.exec(place) ?? [];
  const root = `v2/${repository}`;
  const named = (digest: string): string => (style === 'windows' ? digest.replace(':', '-') : digest);
  const target = named(image.root.digest);
  return [
    ...[...image.blobs, ...image.manifests].map(({ descriptor, bytes }) => ({
      path: `${root}/blobs/${named(descriptor.digest)}`,
      bytes,
    })),
    ...image.manifests.map(({ descriptor, bytes }) => ({
      path: `${root}/manifests/${named(descriptor.digest)}`,
      bytes,
    })),
    {
      path: `${root}/manifests/${tag}`,
      link: style === 'old-links' ? `mirror/${root}/manifests/${target}` : target,
    },
  ];
}

/** oc-mirror, and a registry's own storage. */
export function registryTreeForm(image: SampleImage, place: string): readonly SavedEntry[] {
  const [, repository, tag] = /^(.*):([^:]*)$/.exec(place) ?? [];
  const root = 'docker/registry/v2';
  const manifests = `${root}/repositories/${repository}/_manifests`;
  return [
    { path: `${manifests}/tags/${tag}/current/link`, bytes: image.root.digest },
    { path: `${manifests}/revisions/sha256/${hexOf(image.root.digest)}/link`, bytes: image.root.digest },
    ...[...image.blobs, ...image.manifests].map(({ descriptor, bytes }) => ({
      path: `${root}/blobs/sha256/${hexOf(descriptor.digest).slice(0, 2)}/${hexOf(descriptor.digest)}/data`,
      bytes,
    })),
  ];
}

/** Returns the entries as a tar, with `top` before each path; paths of any length. */
export function tarForm(entries: readonly SavedEntry[], top = ''): Buffer {
  return rawTar(
    entries.flatMap(({ path, bytes, link }) => {
      const whole = `${top}${path}`;
      const long =
        Buffer.byteLength(whole) > 100 ? [{ path: '././@LongLink', type: 'L', bytes: `${whole}\0` }] : [];
      const own = link === undefined ? { bytes: bytes ?? '' } : { type: '2', link };
      return [...long, { path: whole.slice(0, 100), ...own }];
    }),
  );
}

export const packedForms: Readonly<Record<'plain' | 'gzip' | 'zstd', (tar: Buffer) => Buffer>> = {
  plain: (tar) => tar,
  gzip: (tar) => gzipSync(tar),
  zstd: (tar) => zstdCompressSync(tar),
};

/** Writes the entries as a folder. */
export function folderForm(entries: readonly SavedEntry[], folder: string): void {
  for (const { path, bytes, link } of entries) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    if (link === undefined) writeFileSync(join(folder, path), bytes ?? '');
    else symlinkSync(link, join(folder, path));
  }
}
