import * as z from 'zod';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { EXIT_STATUS } from '../../internal/error-code.ts';
import type { Digest } from '../../oci/digest.ts';
import { uniqueBy } from '../../internal/order.ts';
import { type NodePlatform, nodeDownload, parseNodePlatform } from '../../products/node.ts';
import type { Facts, Lock } from '../../spec/lock/lock.ts';
import { rancherDesktopSchema } from '../rancher-desktop/part.ts';
import { type SourceContext, urlOf } from '../source.ts';
import { urlBelow } from '../web/url-path.ts';
import { kitSchema } from './part.ts';
import { RUNTIMES } from './question.ts';
import type { NodeRuntimes, RuntimesWish } from './releases.ts';
import { NODE } from './upstreams.ts';

/** The runtimes of a kit, ready to be fetched. */
export interface ResolvedRuntimes {
  /** `24.5.0` */
  readonly version: string;
  readonly downloads: readonly {
    readonly platform: NodePlatform;
    /** Its name below the folder of the release. */
    readonly name: string;
    readonly url: string;
    readonly digest: Digest;
  }[];
}

export interface KitWish {
  /** What the kit is to run on, `OS/ARCH`. The desktops of the spec, and linux/amd64, when left out. */
  readonly platforms?: readonly string[] | undefined;
}

/** What is known of a kit before anybody is asked. */
export interface KitBasis {
  /** The release of Node.js; the newest LTS release when left out. */
  readonly version?: string | undefined;
  /** Platforms of the desktops that the bundle is for. */
  readonly desktops: readonly string[];
  /** The runtimes of an earlier kit. */
  readonly known?: Facts | undefined;
}

/** As far as a kit is concerned. */
const specOfKit = z.object({
  kit: kitSchema.optional(),
  rancherDesktop: rancherDesktopSchema.optional(),
});

/** Every kit has this one, unless others are asked for. */
const ALWAYS = 'linux/amd64';

/** Returns what a spec, and the lock of an earlier build, say of the kit. */
export function kitBasis(spec: Readonly<Record<string, unknown>>, before: Lock | undefined): KitBasis {
  const { kit, rancherDesktop } = specOfKit.parse(spec);
  return {
    version: kit?.node,
    desktops: rancherDesktop?.platforms ?? [],
    known: before?.sections.get(RUNTIMES.section),
  };
}

/** Returns what the record of a kit says of its runtimes, as a lock has it. */
export function knownRuntimes(version: string, downloads: Readonly<Record<string, string>>): Facts {
  return new Map([
    ['release', new Map([['node', version]])],
    ['files', new Map(Object.entries(downloads))],
  ]);
}

/**
 * Returns the runtimes of a kit. When the download site is out of reach, they are those that are known.
 *
 * @throws `ERR_PLATFORM_INVALID`; `ERR_LOCK_INCOMPLETE`; what {@link RUNTIMES} throws
 */
export async function resolveRuntimes(
  wish: KitWish,
  basis: KitBasis,
  context: Pick<SourceContext, 'ask' | 'upstreams' | 'warn'>,
): Promise<ResolvedRuntimes> {
  const platforms = kitPlatforms(wish.platforms, basis.desktops);
  const { version, digests } = await ask({ version: basis.version, platforms }, context, basis.known);
  const site = urlOf(NODE, context);
  const downloads = platforms.flatMap((platform) => {
    const name = nodeDownload(version, platform);
    const digest = digests.get(name);
    return digest === undefined
      ? []
      : [{ platform, name, digest, url: urlBelow(site, `v${version}`, ...name.split('/')) }];
  });
  return { version, downloads };
}

/**
 * Returns the platforms of a kit. Those of desktops that there is no runtime for are left out, those that the user names are not.
 *
 * @throws `ERR_PLATFORM_INVALID`
 */
function kitPlatforms(
  named: readonly string[] | undefined,
  desktops: readonly string[],
): readonly NodePlatform[] {
  const all =
    named === undefined
      ? [...desktops.flatMap((text) => orNothing(text)), parseNodePlatform(ALWAYS)]
      : named.map(parseNodePlatform);
  return uniqueBy(all, ({ platform }) => platform);
}

/** What a lock keeps of a kit when a build makes none, or one for other platforms. */
export function keepRuntimes(after: Lock, before: Lock | undefined): Lock {
  const kept = before?.sections.get(RUNTIMES.section);
  if (kept === undefined) return after;
  const news = after.sections.get(RUNTIMES.section);
  return { ...after, sections: new Map(after.sections).set(RUNTIMES.section, together(kept, news)) };
}

function together(kept: Facts, news: Facts | undefined): Facts {
  if (news === undefined) return kept;
  if (kept.get('release')?.get('node') !== news.get('release')?.get('node')) return news;
  const files = new Map([...(kept.get('files') ?? []), ...(news.get('files') ?? [])]);
  return new Map([...news, ['files', files]]);
}

async function ask(
  key: RuntimesWish,
  context: Pick<SourceContext, 'ask' | 'warn'>,
  facts: Facts | undefined,
): Promise<NodeRuntimes> {
  try {
    return await context.ask(RUNTIMES, key);
  } catch (error) {
    if (isSaddlebagError(error, 'ERR_LOCK_INCOMPLETE'))
      throw new SaddlebagError(error.code, error.message, {
        hint: 'Build once with --kit and without --locked: that writes them into the lock.',
        cause: error,
      });
    const isDown = isSaddlebagError(error) && EXIT_STATUS[error.code] === 4;
    const known = isDown && facts !== undefined ? RUNTIMES.recall(key, facts) : undefined;
    if (known === undefined) throw error;
    context.warn({
      level: 'warning',
      message: `The kit uses Node.js ${known.version}, as the last kit did: the download site does not answer`,
    });
    return known;
  }
}

function orNothing(text: string): readonly NodePlatform[] {
  try {
    return [parseNodePlatform(text)];
  } catch (error) {
    if (isSaddlebagError(error, 'ERR_PLATFORM_INVALID')) return [];
    throw error;
  }
}
