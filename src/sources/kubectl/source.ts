import * as z from 'zod';
import type { PlannedItem } from '../../bundle/format/item.ts';
import type { SaddlebagError } from '../../internal/error.ts';
import { collectProblems } from '../../internal/problems.ts';
import { formatPlatform, parsePlatform } from '../../oci/platform.ts';
import { chooseVersions } from '../distribution/choice.ts';
import { CATALOGUE } from '../k3s/catalogue.ts';
import { defineSource, type Source, type SourceContext } from '../source.ts';
import { type KubectlRequest, resolveKubectl } from './kubectl.ts';
import { type KubectlPart, kubectlSchema } from './part.ts';
import { KUBERNETES } from './upstreams.ts';
import { CLIENTS } from './want.ts';

/** A plain Kubernetes version: kubectl has no builds. */
const RELEASE = /^v?(\d+\.\d+\.\d+)$/;

export const kubectl: Source = defineSource({
  name: 'kubectl',
  summary: 'Kubernetes clients, beyond the set that `rancherDesktop` works out by itself.',
  part: z.object({ kubectl: kubectlSchema.optional() }),
  upstreams: [KUBERNETES],
  takes: CLIENTS,
  read: async (part) => part.kubectl,
  resolve: async (part, context, wanted) => {
    const { requests, problems } = await requestsOf(part, context);
    const tasks = [
      resolveKubectl([...wanted, ...requests], context),
      ...problems.map((problem) => Promise.reject<readonly PlannedItem[]>(problem)),
    ];
    const items = await collectProblems(tasks, {
      code: 'ERR_RESOLVE_FAILED',
      message: () => 'Cannot resolve "kubectl"',
    });
    return { items: items.flat() };
  },
});

async function requestsOf(
  part: KubectlPart | undefined,
  context: SourceContext,
): Promise<{ readonly requests: readonly KubectlRequest[]; readonly problems: readonly SaddlebagError[] }> {
  if (part === undefined) return { requests: [], problems: [] };
  const platforms = part.platforms.map((platform) => clientPlatform(platform));
  const words = part.versions.filter((word) => !RELEASE.test(word));
  // For a client, any build of a release will do.
  const { tags, problems } = await chooseVersions(new Map(words.map((word) => [word, new Set()])), context, {
    catalogue: CATALOGUE,
  });
  const requests = part.versions.flatMap((word) => {
    const version = RELEASE.exec(word)?.[1] ?? tags.get(word)?.kubernetes;
    return version === undefined ? [] : platforms.map((platform) => ({ version, platform }));
  });
  return { requests, problems };
}

/** kubectl has no variants. */
function clientPlatform(text: string): string {
  const { os, architecture } = parsePlatform(text);
  return formatPlatform({ os, architecture });
}
