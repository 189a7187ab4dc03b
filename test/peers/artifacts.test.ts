import { describe, expect, it } from 'vitest';
import { digestOf } from '../../src/oci/digest.ts';
import { requirePeer } from '../support/peers/peers.ts';
import { startDockerRegistry } from '../support/registry/docker-registry.ts';
import { pushSample } from '../support/registry/push-sample.ts';
import type { SampleContent, SampleImage } from '../support/samples/sample-image.ts';
import { startLab } from '../support/sites/lab.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const EMPTY = 'application/vnd.oci.empty.v1+json';
const UNKNOWN = 'application/vnd.unknown.artifact.v1';
const CONFIG = 'application/vnd.acme.config.v1+json';
/** What oras gives a file of which no type is said. */
const TAR = 'application/vnd.oci.image.layer.v1.tar';
const ROCKET = 'application/vnd.acme.rocket.v1';

interface Parts {
  readonly artifactType?: string;
  readonly configType?: string;
  readonly layerType?: string;
}

/** By what is said to `oras push`, and the type by which the artifact is known then. */
const PUSHED: readonly (readonly [said: string, parts: Parts, known: string])[] = [
  [
    'a type of its own, and of its layers',
    { artifactType: ROCKET, layerType: 'application/vnd.acme.plan.v1+json' },
    ROCKET,
  ],
  ['nothing', { artifactType: UNKNOWN }, UNKNOWN],
  ['a config of its own', { configType: CONFIG }, CONFIG],
];

describe('an artifact as "oras push" makes it', () => {
  for (const [said, parts, known] of PUSHED)
    it(`with ${said} goes from one docker-registry to another like an image, byte for byte`, async (context) => {
      const program = requirePeer(context, 'docker-registry');
      await using internet = await startDockerRegistry({ program });
      await using offline = await startDockerRegistry({ program });
      const artifact = orasArtifact(parts);
      await pushSample(internet, 'team/rocket', artifact, 'v1');
      const routes = `registries:\n  mirrors:\n    registry.example: { endpoint: ["${internet.url}"] }\n`;
      await using lab = await startLab({ routes });
      // The platform is for images: an artifact has none, and is not left out.
      const spec = lab.spec('platforms: [linux/amd64]\nimages: [registry.example/team/rocket:v1]\n');
      const run = async (...argv: readonly string[]): Promise<unknown> => {
        const { status, stdout, stderr } = await lab.run([...argv, '--json']).ended;
        expect({ argv, status, stderr }).toMatchObject({ status: 0 });
        return JSON.parse(stdout);
      };
      await run('build', spec, '-o', 'lab.tar');
      const item = {
        kind: 'artifact',
        name: 'registry.example/team/rocket:v1',
        digest: artifact.root.digest,
      };
      expect(await run('inspect', 'lab.tar')).toMatchObject({ items: [item] });
      await run('install', 'lab.tar', '--registry', offline.host);
      const at = `${offline.url}/v2/registry.example/team/rocket`;
      const manifest = await fetch(`${at}/manifests/v1`, { headers: { accept: MANIFEST } });
      expect([manifest.status, manifest.headers.get('content-type')]).toEqual([200, MANIFEST]);
      const bytes = Buffer.from(await manifest.arrayBuffer());
      expect(digestOf(bytes)).toBe(artifact.root.digest);
      const { artifactType, config }: Types = JSON.parse(bytes.toString());
      expect(artifactType ?? config.mediaType).toBe(known);
      for (const blob of artifact.blobs) {
        const there = await fetch(`${at}/blobs/${blob.descriptor.digest}`);
        expect(Buffer.from(await there.arrayBuffer()).equals(blob.bytes)).toBe(true);
      }
    });
});

interface Types {
  readonly artifactType?: string;
  readonly config: { readonly mediaType: string };
}

/** The manifest that is in the documentation of oras: a layer for each file, with its title. */
function orasArtifact({ artifactType, configType, layerType = TAR }: Parts): SampleImage {
  const config = contentOf(configType ?? EMPTY, '{}');
  const files = ['plan.json', 'deep/engine.txt'].map((title) => {
    return { title, ...contentOf(layerType, `content of ${title}\n`) };
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    artifactType,
    config: { ...config.descriptor, data: configType === undefined ? 'e30=' : undefined },
    layers: files.map(({ title, descriptor }) => {
      return { ...descriptor, annotations: { 'org.opencontainers.image.title': title } };
    }),
    annotations: { 'org.opencontainers.image.created': '2026-08-20T14:05:00Z' },
  };
  const root = contentOf(MANIFEST, JSON.stringify(manifest));
  return { root: root.descriptor, blobs: [config, ...files], manifests: [root] };
}

function contentOf(mediaType: string, text: string): SampleContent {
  const bytes = Buffer.from(text);
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}
