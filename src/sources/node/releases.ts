import semver from 'semver';
import * as z from 'zod';
import { SaddlebagError } from '../../internal/error.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import type { Digest } from '../../oci/digest.ts';
import { type NodePlatform, nodeDownload, OLDEST_NODE } from '../../products/node.ts';
import type { Asking } from '../questions.ts';
import { urlOf } from '../source.ts';
import { missingSum, parseSums } from '../web/sums-file.ts';
import { urlBelow } from '../web/url-path.ts';
import { NODE } from './upstreams.ts';

/** Runtimes of one release of Node.js. */
export interface NodeRuntimes {
  /** `24.5.0` */
  readonly version: string;
  /** By the name of the download below the release's folder. */
  readonly digests: ReadonlyMap<string, Digest>;
}

/** Which runtimes a kit wants. */
export interface RuntimesWish {
  /** The newest LTS release when left out. */
  readonly version?: string | undefined;
  readonly platforms: readonly NodePlatform[];
}

/** As far as it is read: `lts` is the line's name, or false before it has one (nodejs.org/dist, `index.json`). */
const index = z.array(z.object({ version: z.string(), lts: z.union([z.string(), z.boolean()]) }));

/**
 * Returns the digests of a release's downloads, by its `SHASUMS256.txt`.
 *
 * @throws `ERR_VERSION_INVALID` for a release that the program does not run on; `ERR_UPSTREAM_NOT_FOUND`,
 * `ERR_DOCUMENT_INVALID`, `ERR_CHECKSUM_MISSING`
 */
export async function loadRuntimes(wish: RuntimesWish, world: Asking): Promise<NodeRuntimes> {
  const { version = await newestLts(world) } = wish;
  if (semver.lt(version, OLDEST_NODE)) throw tooOld(version);
  const url = urlBelow(urlOf(NODE, world), `v${version}`, 'SHASUMS256.txt');
  const sums = parseSums(await world.web.document(url, { signal: world.signal }), redactUrl(url));
  const names = wish.platforms.map((platform) => nodeDownload(version, platform));
  const digests = names.map((name) => {
    const digest = sums.get(name);
    if (digest === undefined) throw missingSum(name, redactUrl(url));
    return [name, digest] as const;
  });
  return { version, digests: new Map(digests) };
}

async function newestLts(world: Asking): Promise<string> {
  const url = urlBelow(urlOf(NODE, world), 'index.json');
  const { body } = await world.web.query(url, { signal: world.signal });
  const releases = index.safeParse(parseJson(Buffer.from(body).toString('utf8')));
  if (!releases.success)
    throw new SaddlebagError(
      'ERR_DOCUMENT_INVALID',
      `Cannot read "${redactUrl(url)}": it is not the list of Node.js releases`,
    );
  const lts = releases.data.filter((release) => typeof release.lts === 'string');
  const versions = lts.flatMap(({ version }) => semver.valid(version) ?? []);
  const newest = versions.toSorted(semver.rcompare)[0];
  if (newest !== undefined) return newest;
  throw new SaddlebagError(
    'ERR_UPSTREAM_NOT_FOUND',
    `Cannot find an LTS release of Node.js: "${redactUrl(url)}" names none`,
    { hint: 'Name a release, such as "kit: { node: 24.5.0 }" in the spec.' },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is no list either.
    return undefined;
  }
}

function tooOld(version: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_VERSION_INVALID',
    `Cannot make a kit with Node.js ${version}: the program needs ${OLDEST_NODE} or newer`,
  );
}
