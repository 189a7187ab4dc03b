import * as z from 'zod';
import { nodeDownload } from '../../products/node.ts';
import { type Digest, hexOf, parseDigest } from '../../oci/digest.ts';
import { lockedDigest } from '../../spec/fields.ts';
import type { Facts, LockSection } from '../../spec/lock/lock.ts';
import type { Question } from '../questions.ts';
import { loadRuntimes, type NodeRuntimes, type RuntimesWish } from './releases.ts';

const [RELEASE, FILES] = ['release', 'files'];

const section: LockSection = {
  name: 'kit',
  schema: z
    .strictObject({
      release: z.strictObject({ node: z.string().regex(/^\d+\.\d+\.\d+$/) }),
      files: z.record(z.string().regex(/^[\w.-]+(?:\/[\w.-]+)?$/), lockedDigest),
    })
    .transform(
      ({ release, files }): Facts =>
        new Map([
          [RELEASE, new Map(Object.entries(release))],
          [FILES, new Map(Object.entries(files))],
        ]),
    )
    .describe('the Node.js runtimes of the kit; left out when there never was one'),
  isGroupPinned: false,
  title: (group) => (group === RELEASE ? 'The kit’s' : 'Node.js runtime'),
  isVast: false,
};

/** The question for the runtimes of a kit: which release, and what its downloads are. */
export const RUNTIMES: Question<RuntimesWish, NodeRuntimes> = {
  section,
  title: ({ platforms }) =>
    `the Node.js runtimes for ${platforms.map(({ platform }) => platform).join(', ')}`,
  ask: async (wish, world) => await loadRuntimes(wish, world),
  facts: (_, { version, digests }) =>
    new Map([
      [RELEASE, new Map([['node', version]])],
      [FILES, new Map([...digests].map(([name, digest]) => [name, `sha256:${hexOf(digest)}`]))],
    ]),
  recall: ({ version: wanted, platforms }, facts) => {
    const version = facts.get(RELEASE)?.get('node') ?? undefined;
    if (version === undefined || (wanted !== undefined && wanted !== version)) return undefined;
    const digests = new Map<string, Digest>();
    for (const platform of platforms) {
      const name = nodeDownload(version, platform);
      const digest = facts.get(FILES)?.get(name);
      if (typeof digest !== 'string') return undefined;
      digests.set(name, parseDigest(digest));
    }
    return { version, digests };
  },
};
