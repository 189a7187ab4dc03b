import type { ByteStream } from '../../internal/bytes.ts';
import type { Lease } from '../../internal/lease.ts';
import type { HttpClient } from '../../internal/http/http.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { FetchOptions } from '../../oci/roles.ts';
import { pullScope } from '../auth/scope.ts';
import { describeContent, pathOf, type Place } from '../content-name.ts';
import { Failures, inTurn } from '../session/fail-over.ts';
import type { Endpoint } from '../session/endpoint.ts';
import { unreachable } from '../session/refusal.ts';
import type { Session } from '../session/session.ts';

/**
 * Yields the bytes of a blob from `offset` on, unverified. It tries one endpoint after the other, each continuing where the one
 * before stopped, and finally the descriptor's own `urls`, where foreign layers are. After wrong content, the next endpoint
 * goes first.
 *
 * @throws `ERR_UPSTREAM_NOT_FOUND`, `ERR_REGISTRY_DENIED`, `ERR_REGISTRY_FAILED`, `ERR_REGISTRY_UNREACHABLE`, `ERR_INTERRUPTED`
 */
export function fetchBlob(source: BlobSource, target: Descriptor, options: FetchOptions = {}): ByteStream {
  const { sessions, place } = source;
  const { offset = 0, lease, signal } = options;
  const [only, ...others] = sessions;
  if (only === undefined || others.length > 0 || target.urls !== undefined || offset >= target.size)
    return fetchInTurn(source, target, options);
  // Nobody else can be asked.
  const what = `fetch ${describeContent(place, target)}`;
  return downloadFrom(only, target, { place, what, offset, lease, signal });
}

/** Where blobs come from. */
interface BlobSource {
  readonly sessions: readonly Session[];
  readonly http: HttpClient;
  readonly place: Place;
}

async function* fetchInTurn(source: BlobSource, target: Descriptor, options: FetchOptions): ByteStream {
  const { place, http } = source;
  const { offset = 0, attempt = 0, lease, signal } = options;
  const what = `fetch ${describeContent(place, target)}`;
  const failures = new Failures(what);
  const ways: readonly Way[] = [
    ...source.sessions.map((session): Way => ({
      session,
      endpoint: session.endpoint,
      open: (from) => downloadFrom(session, target, { place, what, offset: from, lease, signal }),
    })),
    // Such a URL is not the registry's, so it gets no credential.
    ...foreignUrls(target).map((url): Way => ({
      endpoint: { host: url.host },
      open: (from) =>
        http.download(url.href, {
          offset: from,
          weight: target.size - from,
          hasDigest: true,
          lease,
          signal,
        }),
    })),
  ];
  // Endpoints that sent wrong content are tried last.
  const first = attempt % ways.length;
  let at = offset;
  for (const { endpoint, open } of inTurn([...ways.slice(first), ...ways.slice(0, first)])) {
    if (at >= target.size) return;
    try {
      for await (const chunk of open(at)) {
        at += chunk.length;
        yield chunk;
      }
      return;
    } catch (error) {
      failures.add(unreachable(error, { what, host: endpoint.host }), endpoint);
    }
  }
  failures.throwIfAny();
}

/** A place that may have a blob. */
interface Way {
  readonly session?: Session | undefined;
  readonly endpoint: Pick<Endpoint, 'host' | 'isFallback'>;
  readonly open: (from: number) => ByteStream;
}

function downloadFrom(
  session: Session,
  target: Descriptor,
  options: {
    readonly place: Place;
    readonly what: string;
    readonly offset: number;
    readonly lease: Lease | undefined;
    readonly signal: AbortSignal | undefined;
  },
): ByteStream {
  const { place, what, offset, lease, signal } = options;
  const name = session.endpoint.nameOf(place.repository);
  const ask = { path: pathOf(name, target), repository: name, scopes: [pullScope(name)], what };
  return session.download({ ...ask, offset, weight: target.size - offset, lease, signal });
}

function foreignUrls(target: Descriptor): readonly URL[] {
  return (target.urls ?? [])
    .map((text) => URL.parse(text))
    .filter((url) => url !== null)
    .filter((url) => /^https?:$/.test(url.protocol));
}
