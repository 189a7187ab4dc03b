import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { Finding } from '../../../src/internal/finding.ts';
import { type BuildResult, buildBundle, type BuildWish } from '../../../src/verbs/build.ts';
import { type HandMadeKey, armoredKey, composeMessage, handMadeKey } from '../openpgp.ts';
import type { RegistryAuth } from '../registry/auth.ts';
import { type InProcessRegistry, startRegistry } from '../registry/registry.ts';
import { layeredImage, listOf, payloadLayer, releaseClaim } from '../samples/openshift-release.ts';
import type { SampleImage } from '../samples/sample-image.ts';
import { temporaryFolder } from '../temporary.ts';
import type { RawEntry } from '../archives/raw-tar.ts';

export const RELEASES = 'quay.io/openshift-release-dev/ocp-release';
export const COMPONENTS = 'quay.io/openshift-release-dev/ocp-v4.0-art-dev';

/** An answer of the signature store or the update service. */
interface SiteAnswer {
  readonly status?: number;
  readonly type?: string;
  /** `endless` is a body that never ends. */
  readonly body: Uint8Array | string | { readonly endless: true };
}

/** A stand-in for quay.io, the update service and the signature stores. */
export interface OpenshiftSite {
  readonly quay: InProcessRegistry;
  readonly key: HandMadeKey;
  /** Answers by path with query: `/signatures/sha256=<hex>/signature-1`, `/graph?arch=amd64&channel=stable-4.20`. */
  readonly answers: Map<string, SiteAnswer>;
  /** Paths asked for. */
  readonly asked: readonly string[];
  readonly folder: string;
  /** Puts a release at quay.io, signed unless it is said otherwise; returns its image. */
  release(options: SiteRelease): Promise<SampleImage>;
  /** Puts a signature into the store. */
  sign(digest: string, message?: Uint8Array, number?: number): void;
  /** Puts a channel into the update service; edges go from each version to the next when left out. */
  channel(
    name: string,
    releases: readonly (readonly [string, SampleImage])[],
    options?: { readonly arch?: string; readonly edges?: readonly unknown[] },
  ): void;
  /** Writes a spec with this part, whose registries and upstreams lead here; returns its path. */
  spec(part: string, name?: string): string;
  /** Builds a spec of this part. */
  build(
    part: string,
    wish?: Partial<BuildWish>,
    env?: Readonly<Record<string, string>>,
  ): Promise<BuildResult & { readonly findings: readonly Finding[] }>;
}

interface SiteRelease {
  readonly version: string;
  /** Files of each component's layer; the names are those of the components. */
  readonly components?: Readonly<Record<string, readonly RawEntry[]>>;
  readonly architectures?: readonly string[];
  readonly format?: 'oci' | 'docker';
  readonly tag?: string;
  /** What is signed; `release` when left out. */
  readonly signed?: 'release' | 'children' | 'first child' | 'nothing';
  /** Layers above or below the payload. */
  readonly around?: (payload: readonly RawEntry[]) => readonly (readonly RawEntry[])[];
}

const PLAIN: NonNullable<SiteRelease['components']> = {
  cli: [{ path: 'usr/bin/oc', bytes: 'oc' }],
  etcd: [{ path: 'usr/bin/etcd', bytes: 'etcd' }],
  installer: [{ path: 'usr/bin/openshift-install', bytes: 'installer' }],
};

/** Starts the site; it stops with the test. */
export async function startOpenshiftSite({
  auth,
}: { readonly auth?: RegistryAuth } = {}): Promise<OpenshiftSite> {
  const scratch = temporaryFolder();
  const quay = await startRegistry({ referrers: true, ...(auth === undefined ? {} : { auth }) });
  const key = handMadeKey();
  const answers = new Map<string, SiteAnswer>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/');
    asked.push(path);
    const answer = answers.get(path) ?? { status: 404, body: 'not found' };
    response.writeHead(answer.status ?? 200, { 'content-type': answer.type ?? 'application/octet-stream' });
    if (typeof answer.body === 'string' || answer.body instanceof Uint8Array) response.end(answer.body);
    else Readable.from(endless()).pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await quay[Symbol.asyncDispose]();
    scratch[Symbol.dispose]();
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const site: OpenshiftSite = {
    quay,
    key,
    answers,
    asked,
    folder: scratch.path,
    release: async (options) => await seedRelease(site, options),
    sign: (digest, message, number = 1) => {
      const path = `/signatures/sha256=${digest.slice('sha256:'.length)}/signature-${number}`;
      answers.set(path, {
        body: message ?? composeMessage(releaseClaim(digest), key, { form: 'compressed' }),
      });
    },
    channel: (name, releases, { arch = 'amd64', edges } = {}) => {
      const nodes = releases.map(([version, image]) => ({
        version,
        payload: `${RELEASES}@${image.root.digest}`,
        metadata: { 'io.openshift.upgrades.graph.release.channels': name },
      }));
      const next = edges ?? nodes.slice(1).map((_, index) => [index, index + 1]);
      answers.set(`/graph?arch=${arch}&channel=${name}`, {
        type: 'application/json',
        body: JSON.stringify({ version: 1, nodes, edges: next, conditionalEdges: [] }),
      });
    },
    spec: (part, name = 'lab.yaml') => {
      const registries = `registries: { mirrors: { quay.io: { endpoint: ["${quay.url}"] } } }\n`;
      const upstreams = `upstreams: { openshiftGraph: "${url}/graph", openshiftSignatures: ["${url}/signatures", "${url}/other"] }\n`;
      writeFileSync(join(scratch.path, 'keys.asc'), armoredKey(key));
      writeFileSync(join(scratch.path, name), `bundle: 1\nname: lab\n${part}${registries}${upstreams}`);
      return join(scratch.path, name);
    },
    build: async (part, wish = {}, env = {}) => {
      const findings: Finding[] = [];
      const surroundings = { env, home: scratch.path, host: { platform: 'linux', arch: 'x64' } };
      const specPath = site.spec(part);
      const result = await buildBundle(
        { specPath, out: join(scratch.path, 'lab.tar'), ...wish },
        surroundings,
        {
          onFinding: (finding) => findings.push(finding),
        },
      );
      return { ...result, findings };
    },
  };
  return site;
}

function* endless(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(64 * 1024, 0x90);
}

async function seedRelease(site: OpenshiftSite, options: SiteRelease): Promise<SampleImage> {
  const { version, components = PLAIN, architectures = ['amd64'], format, signed = 'release' } = options;
  const references: Record<string, string> = {};
  for (const [name, entries] of Object.entries(components)) {
    const image = byArchitecture(architectures, (architecture) =>
      layeredImage({ layers: [[{ path: 'etc/base', bytes: 'base' }], entries], architecture }),
    );
    await site.quay.seed('openshift-release-dev/ocp-v4.0-art-dev', image);
    references[name] = `${COMPONENTS}@${image.root.digest}`;
  }
  const keys = { 'verifier-public-key-test': armoredKey(site.key) };
  const payload = payloadLayer({ version, components: references, keys });
  const layers = options.around?.(payload) ?? [[{ path: 'usr/bin/cvo', bytes: 'cvo' }], payload];
  const children: SampleImage[] = [];
  const image = byArchitecture(architectures, (architecture) => {
    const child = layeredImage({ layers, architecture, ...(format === undefined ? {} : { format }) });
    children.push(child);
    return child;
  });
  await site.quay.seed('openshift-release-dev/ocp-release', image, options.tag ?? `${version}-x86_64`);
  if (signed === 'release') site.sign(image.root.digest);
  if (signed === 'children') for (const child of children) site.sign(child.root.digest);
  if (signed === 'first child') site.sign(children[0]?.root.digest ?? '');
  return image;
}

function byArchitecture(
  architectures: readonly string[],
  imageFor: (architecture: string) => SampleImage,
): SampleImage {
  const [only = 'amd64', ...others] = architectures;
  if (others.length === 0) return imageFor(only);
  return listOf(Object.fromEntries(architectures.map((each) => [each, imageFor(each)])));
}
