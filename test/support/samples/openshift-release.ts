import { gzipSync } from 'node:zlib';
import { encodeDescriptor } from '../../../src/oci/descriptor.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import { type RawEntry, rawTar } from '../archives/raw-tar.ts';
import type { SampleContent, SampleImage } from './sample-image.ts';

/** An image whose layers hold what a test says. */
export interface LayeredImage {
  readonly layers: readonly (readonly RawEntry[])[];
  readonly architecture?: string;
  readonly format?: 'oci' | 'docker';
  readonly labels?: Readonly<Record<string, string>>;
  /** More of what its config says about running it. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Returns an image with these layers. */
export function layeredImage({
  layers,
  architecture = 'amd64',
  format = 'docker',
  labels = {},
  config: running = {},
}: LayeredImage): SampleImage {
  const isDocker = format === 'docker';
  const blobs = layers.map((entries) => {
    const tar = rawTar(entries);
    const bytes = gzipSync(tar);
    bytes.writeUInt8(255, 9);
    return {
      ...content(isDocker ? MEDIA_TYPE.dockerLayerGzip : MEDIA_TYPE.ociLayerGzip, bytes),
      diffId: digestOf(tar),
    };
  });
  const config = content(
    isDocker ? MEDIA_TYPE.dockerConfig : MEDIA_TYPE.ociConfig,
    json({
      architecture,
      os: 'linux',
      config: { ...running, Labels: labels },
      rootfs: { type: 'layers', diff_ids: blobs.map(({ diffId }) => diffId) },
    }),
  );
  const mediaType = isDocker ? MEDIA_TYPE.dockerManifest : MEDIA_TYPE.ociManifest;
  const manifest = content(
    mediaType,
    json({
      schemaVersion: 2,
      mediaType,
      config: encodeDescriptor(config.descriptor),
      layers: blobs.map(({ descriptor }) => encodeDescriptor(descriptor)),
    }),
  );
  return { root: manifest.descriptor, blobs: [config, ...blobs], manifests: [manifest] };
}

/** Returns a list of images by architecture, as `-multi` releases and their components are. */
export function listOf(images: Readonly<Record<string, SampleImage>>): SampleImage {
  const mediaType = MEDIA_TYPE.dockerList;
  const children = Object.entries(images).map(([architecture, { root }]) => ({
    ...encodeDescriptor(root),
    platform: { os: 'linux', architecture },
  }));
  // Written with spaces: the bytes of a list are kept as they are.
  const list = content(
    mediaType,
    Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests: children }, null, 3)),
  );
  const all = Object.values(images);
  return {
    root: list.descriptor,
    blobs: all.flatMap(({ blobs }) => blobs),
    manifests: [...all.flatMap(({ manifests }) => manifests), list],
  };
}

/** What the payload of a release says. */
export interface PayloadOptions {
  readonly version: string;
  /** References of the components by name. */
  readonly components: Readonly<Record<string, string>>;
  /** Armored keys of the verification ConfigMap, by name. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Further tags of `image-references`, as they are. */
  readonly tags?: readonly unknown[];
}

/** Returns the last layer of a release (openshift/oc, `pkg/cli/admin/release/new.go`, `writePayload`). */
export function payloadLayer({
  version,
  components,
  keys = {},
  tags = [],
}: PayloadOptions): readonly RawEntry[] {
  const created = '2026-01-02T03:04:05Z';
  const references = {
    kind: 'ImageStream',
    apiVersion: 'image.openshift.io/v1',
    metadata: {
      name: version,
      creationTimestamp: created,
      annotations: { 'release.openshift.io/from-image-stream': 'ocp/4' },
    },
    spec: {
      lookupPolicy: { local: false },
      tags: [
        ...Object.entries(components).map(([name, reference]) => ({
          name,
          annotations: { 'io.openshift.build.commit.id': 'a'.repeat(40) },
          from: { kind: 'DockerImage', name: reference },
          generation: null,
          importPolicy: {},
          referencePolicy: { type: '' },
        })),
        ...tags,
      ],
    },
    status: { dockerImageRepository: '' },
  };
  const metadata = {
    kind: 'cincinnati-metadata-v0',
    version,
    previous: [],
    metadata: { url: 'https://example.com' },
  };
  const folder = 'release-manifests';
  return [
    { path: `${folder}/`, type: '5', mode: 0o777 },
    { path: `${folder}/image-references`, bytes: JSON.stringify(references, null, 2), mode: 0o444 },
    { path: `${folder}/release-metadata`, bytes: JSON.stringify(metadata, null, 2), mode: 0o444 },
    { path: `${folder}/0000_00_cluster-version-operator.yaml`, bytes: 'kind: Deployment\n' },
    { path: `${folder}/0000_90_cluster-update-keys_configmap.yaml`, bytes: configMap(keys) },
  ];
}

function configMap(keys: Readonly<Record<string, string>>): string {
  const data = Object.entries(keys).map(
    ([name, text]) => `  ${name}: |\n${text.replaceAll(/^/gm, '    ').trimEnd()}\n`,
  );
  return [
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: release-verification\n  namespace: openshift-config-managed\n',
    '  annotations:\n    release.openshift.io/verification-config-map: ""\ndata:\n',
    ...data,
    '  store-openshift-official-release: https://signatures.invalid/release\n',
  ].join('');
}

/** Returns a claim as the release signers of Red Hat write it. */
export function releaseClaim(
  digest: string,
  reference = 'quay.io/openshift-release-dev/ocp-release:4.20.3-x86_64',
): Buffer {
  return json({
    critical: {
      image: { 'docker-manifest-digest': digest },
      type: 'atomic container signature',
      identity: { 'docker-reference': reference },
    },
    optional: { creator: 'Red Hat OpenShift Signing Authority 0.0.1' },
  });
}

function content(mediaType: string, bytes: Buffer): SampleContent {
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
