import { ARTIFACT_TYPE, type PlannedItem } from '../../bundle/format/item.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { Gate } from '../../internal/gate.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import { uniqueBy } from '../../internal/order.ts';
import { collectProblems } from '../../internal/problems.ts';
import { forMessage } from '../web/for-message.ts';
import { kubectlName } from '../../products/kubectl/client.ts';
import { checksumBeside } from './checksum.ts';
import { newestPatch, newestRelease } from './release.ts';
import { planArtifact } from '../images/planned-artifact.ts';
import { type SourceContext, urlOf } from '../source.ts';
import { KUBERNETES } from './upstreams.ts';
import { urlBelow } from '../web/url-path.ts';

/** One client. */
export interface KubectlRequest {
  /** `1.30.6` */
  readonly version: string;
  /** `os/architecture` */
  readonly platform: string;
}

const CONCURRENCY = 8;
/** Every release exists for this platform. */
const ALWAYS_PUBLISHED = 'linux/amd64';

/**
 * Turns requests into items, one for each client. A client that a release never had is a warning.
 *
 * @throws `ProblemsError` of `ERR_UPSTREAM_NOT_FOUND` for releases that do not exist, and what the upstream throws
 */
export async function resolveKubectl(
  requests: readonly KubectlRequest[],
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  const gate = new Gate(CONCURRENCY);
  const tasks = uniqueBy(requests, nameOf).map((request) =>
    gate.run(() => resolveClient(request, context), context.signal),
  );
  const items = await collectProblems(tasks, {
    code: 'ERR_RESOLVE_FAILED',
    message: () => 'Cannot resolve the kubectl clients of the spec',
  });
  return items.flat();
}

async function resolveClient(
  request: KubectlRequest,
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  const { version, platform } = request;
  const url = clientUrl(request, context);
  const checksum = await checksumBeside(url, context);
  if (checksum === undefined) {
    await explainMissing(request, context);
    return [];
  }
  const { digest, size } = await context.web.measure(url, { signal: context.signal, ...checksum });
  const artifact = planArtifact(ARTIFACT_TYPE.kubectl, [
    {
      name: fileName(platform),
      descriptor: { digest, size },
      executable: true,
      origin: { type: 'url', url },
    },
  ]);
  const item = {
    kind: 'kubectl',
    name: nameOf(request),
    descriptor: artifact.descriptor,
    audience: ['kuberlr'],
    version,
    platform,
  } as const;
  return [{ item, blobs: artifact.blobs }];
}

/** Warns when the release exists without this client; throws when the release does not exist. */
async function explainMissing(request: KubectlRequest, context: SourceContext): Promise<void> {
  const { version, platform } = request;
  const exists = await isPublished({ version, platform: ALWAYS_PUBLISHED }, context);
  if (platform === ALWAYS_PUBLISHED || !exists) throw await unknownRelease(version, context);
  context.warn({
    level: 'warning',
    message: `kubectl ${version} was never published for ${platform}: the bundle goes without it`,
    hint: await remedyFor(request, context),
  });
}

async function remedyFor({ version, platform }: KubectlRequest, context: SourceContext): Promise<string> {
  const rosetta = platform === 'darwin/arm64' ? 'The client for darwin/amd64 runs under Rosetta.' : undefined;
  const minor = Number(version.split('.')[1]);
  const next = await forMessage(newestPatch(minor + 1, context));
  const serves =
    next !== undefined && (await forMessage(isPublished({ version: next, platform }, context))) === true
      ? `kubectl ${next} is published for ${platform} and serves Kubernetes 1.${minor} too: add it under "kubectl".`
      : undefined;
  const remedies = [serves, rosetta].filter((remedy) => remedy !== undefined);
  return remedies.length > 0
    ? remedies.join(' ')
    : 'Check the platform; a newer version may be published for it.';
}

async function unknownRelease(version: string, context: SourceContext): Promise<SaddlebagError> {
  const minor = Number(version.split('.')[1]);
  const newest =
    (await forMessage(newestPatch(minor, context))) ?? (await forMessage(newestRelease(context)));
  const url = redactUrl(clientUrl({ version, platform: ALWAYS_PUBLISHED }, context));
  return new SaddlebagError(
    'ERR_UPSTREAM_NOT_FOUND',
    `Cannot find kubectl ${version}: there is no "${url}.sha256", nor ".sha512"`,
    {
      hint:
        newest === undefined
          ? 'Write a release such as "1.30.6".'
          : `The nearest known release is ${newest}.`,
    },
  );
}

async function isPublished(request: KubectlRequest, context: SourceContext): Promise<boolean> {
  return (await checksumBeside(clientUrl(request, context), context)) !== undefined;
}

function clientUrl({ version, platform }: KubectlRequest, context: SourceContext): string {
  return urlBelow(
    urlOf(KUBERNETES, context),
    'release',
    `v${version}`,
    'bin',
    ...platform.split('/'),
    fileName(platform),
  );
}

function fileName(platform: string): string {
  return kubectlName(platform.split('/')[0] ?? '');
}

function nameOf({ version, platform }: KubectlRequest): string {
  return `v${version} ${platform}`;
}
