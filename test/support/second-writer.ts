import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A second writer of bundles and locks, made from the tables of `bundle-spec/` alone: it uses nothing of `src/`, so that
 * whatever both write alike is on those pages.
 */

type Json = Readonly<Record<string, unknown>>;
type Descriptor = Json & { readonly mediaType: string; readonly digest: string; readonly size: number };
export type WrittenFiles = ReadonlyMap<string, Buffer>;

/** An item as data: files of ours, or a root as a registry has it, with all that it leads to. */
export interface ItemPlan {
  readonly kind: string;
  readonly name: string;
  readonly audience: readonly string[];
  /** The other members of the item, in order. */
  readonly members?: Json;
  readonly files?: readonly {
    readonly name: string;
    readonly bytes: Uint8Array;
    readonly executable?: boolean;
  }[];
  readonly root?: Descriptor;
  readonly contents?: readonly Uint8Array[];
}

/** The text of layout.md. */
const PAGE = readFileSync(join(import.meta.dirname, '../../bundle-spec/layout.md'), 'utf8');
const README = /```text\n(Saddlebag bundle: NAME\n[^]*?)```/.exec(PAGE)?.[1] ?? '';
const OCI = 'application/vnd.oci.';
const DOCKER = 'application/vnd.docker.';
const [INDEX, MANIFEST] = [`${OCI}image.index.v1+json`, `${OCI}image.manifest.v1+json`];
const DOCKER_MANIFEST = `${DOCKER}distribution.manifest.v2+json`;
const MANIFESTS = [INDEX, MANIFEST, `${DOCKER}distribution.manifest.list.v2+json`, DOCKER_MANIFEST];
const CONFIGS = [`${OCI}image.config.v1+json`, `${DOCKER}container.image.v1+json`];
const DOCUMENTS = [...MANIFESTS, ...CONFIGS, `${OCI}empty.v1+json`];

/** Returns the files of a bundle in the order of an archive (layout.md). */
export function secondWriter(
  plan: Json & { readonly name: string; readonly created?: string },
  items: readonly ItemPlan[],
): WrittenFiles {
  const held = new Map<string, Buffer>();
  const roots = items.map((item) => rootOf(item, held));
  const placed = new Map(roots.flatMap((root) => walk(root, held)).map((each) => [each.digest, each]));
  const types = roots.flatMap((root) => walk(root, held)).filter(isDocument);
  const documents = new Set(types.map(({ digest }) => digest));
  const all = [...placed.values()];
  const blobs = [
    ...all.filter(({ digest }) => documents.has(digest)),
    ...all.filter(({ digest }) => !documents.has(digest)),
  ];
  const ociLayout = Buffer.from('{"imageLayoutVersion":"1.0.0"}\n');
  const readme = Buffer.from(
    README.replace(': NAME', Buffer.byteLength(plan.name) > 128 ? '' : `: ${plan.name}`),
  );
  const entries = items.map(({ kind, name }, at) => entryOf(kind, name, roots[at]));
  const index = encode({ schemaVersion: 2, mediaType: INDEX, manifests: entries });
  const images = items.flatMap(({ kind, name }, at) => (kind === 'image' ? [{ name, root: roots[at] }] : []));
  const dockerList = encode(dockerListOf(images, held));
  const listed = Object.entries({
    'oci-layout': ociLayout,
    'README.txt': readme,
    'index.json': index,
    'manifest.json': dockerList,
  });
  const document = encode({
    version: '1.0',
    mediaType: 'application/vnd.saddlebag.bundle.v1+json',
    ...plan,
    items: items.map(({ kind, name, audience, members }, at) => {
      return { kind, name, descriptor: roots[at], audience, ...members };
    }),
    files: listed.map(([path, bytes]) => ({ path, digest: digestOf(bytes), size: bytes.length })),
    blobs: blobs.map(({ digest, size }) => ({ digest, size })),
  });
  const paths = blobs.map(({ digest }) => [digest, pathOf(digest)] as const);
  const sums = [
    [digestOf(document), 'bundle.json'],
    ...listed.map(([path, bytes]) => [digestOf(bytes), path]),
    ...paths,
  ];
  return new Map([
    ['oci-layout', ociLayout],
    ['bundle.json', document],
    ['bundle.json.sig', Buffer.alloc(128, '\n')],
    ['README.txt', readme],
    ['index.json', index],
    ['manifest.json', dockerList],
    ['SHA256SUMS', Buffer.from(sums.map(([digest = '', path]) => `${digest.slice(7)}  ${path}\n`).join(''))],
    ...paths.map(([digest, path]) => [path, held.get(digest) ?? Buffer.alloc(0)] as const),
  ]);
}

function rootOf({ kind, files, root, contents = [] }: ItemPlan, held: Map<string, Buffer>): Descriptor {
  const keep = (bytes: Uint8Array, mediaType: string): Descriptor => {
    const digest = digestOf(bytes);
    held.set(digest, Buffer.from(bytes));
    return { mediaType, digest, size: bytes.length };
  };
  for (const bytes of contents) keep(bytes, '');
  if (root !== undefined) return root;
  const sorted = [...(files ?? [])].sort((left, right) => (left.name < right.name ? -1 : 1));
  const artifactType = `application/vnd.saddlebag.${kind}.v1`;
  const config = keep(Buffer.from('{}'), `${OCI}empty.v1+json`);
  const layers = sorted.map(({ name, bytes, executable }) => ({
    ...keep(bytes, 'application/octet-stream'),
    annotations: {
      'org.opencontainers.image.title': name,
      ...(executable === true ? { 'dev.saddlebag.file.executable': 'true' } : {}),
    },
  }));
  const manifest = { schemaVersion: 2, mediaType: MANIFEST, artifactType, config, layers };
  return { ...keep(Buffer.from(JSON.stringify(manifest)), MANIFEST), artifactType };
}

/** What a descriptor leads to, children before parents, as far as it is held. */
function walk(descriptor: Descriptor, held: WrittenFiles): readonly Descriptor[] {
  const seen = new Map<string, Descriptor>();
  const visit = (each: Descriptor): void => {
    if (!held.has(each.digest) || seen.has(each.digest)) return;
    childrenOf(each, held).forEach(visit);
    seen.set(each.digest, each);
  };
  visit(descriptor);
  return [...seen.values()];
}

function childrenOf({ mediaType, digest }: Descriptor, held: WrittenFiles): readonly Descriptor[] {
  if (!MANIFESTS.includes(mediaType)) return [];
  const { manifests, config, layers } = JSON.parse(String(held.get(digest)));
  return manifests ?? [config, ...layers];
}

function isDocument({ mediaType, size }: Descriptor): boolean {
  return size <= 4_194_304 && DOCUMENTS.includes(mediaType);
}

function entryOf(kind: string, name: string, root: Descriptor | undefined): unknown {
  const { mediaType, digest, size, artifactType } = Object(root);
  const names = { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name };
  const chart = kind === 'chart' ? 'application/vnd.cncf.helm.config.v1+json' : artifactType;
  return kind === 'image'
    ? { mediaType, digest, size, annotations: names }
    : { mediaType, digest, size, artifactType: chart };
}

function dockerListOf(
  images: readonly { readonly name: string; readonly root: Descriptor | undefined }[],
  held: WrittenFiles,
): unknown {
  const entries = new Map<string, { Config: string; RepoTags: string[] | null; Layers: string[] }>();
  const taken = new Set<string>();
  for (const { name, root } of images) {
    const usable = manifestsOf(root, held).filter((each) => isLoadable(each, held));
    const isAmd64 = ({ platform }: Descriptor): boolean => Object(platform).architecture === 'amd64';
    const chosen = usable.find(isAmd64) ?? usable[0];
    if (chosen === undefined) continue;
    const [config = '', ...layers] = childrenOf(chosen, held).map(({ digest }) => pathOf(digest));
    const entry = entries.get(chosen.digest) ?? { Config: config, RepoTags: null, Layers: layers };
    const [tag = ''] = name.split('@');
    if (/:[^/]*$/.test(tag) && !taken.has(tag)) entry.RepoTags = [...(entry.RepoTags ?? []), tag];
    taken.add(tag);
    entries.set(chosen.digest, entry);
  }
  return [...entries.values()];
}

function manifestsOf(root: Descriptor | undefined, held: WrittenFiles): readonly Descriptor[] {
  if (root === undefined) return [];
  const listed = /index|list/.test(root.mediaType) ? childrenOf(root, held) : [root];
  return listed.filter(({ mediaType, digest }) => {
    return held.has(digest) && [MANIFEST, DOCKER_MANIFEST].includes(mediaType);
  });
}

function isLoadable(manifest: Descriptor, held: WrittenFiles): boolean {
  const [config, ...layers] = childrenOf(manifest, held);
  const { os = 'linux' } = Object(manifest['platform']);
  const isTar = ({ mediaType }: Descriptor): boolean => /\.tar([+.](gzip|zstd))?$/.test(mediaType);
  const isHeld = [config, ...layers].every((each) => held.has(each?.digest ?? ''));
  return os === 'linux' && CONFIGS.includes(config?.mediaType ?? '') && layers.every(isTar) && isHeld;
}

function encode(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function pathOf(digest: string): string {
  return `blobs/sha256/${digest.slice(7)}`;
}
