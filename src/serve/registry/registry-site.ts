import type { RepositoryExchange } from './exchange.ts';
import { isDigest } from '../../oci/digest.ts';
import { parseReference } from '../../oci/reference.ts';
import type { Route, Site } from '../http/exchange.ts';
import type { Library } from '../holdings/library.ts';
import { type Problem, sendJson, sendProblem } from '../http/reply.ts';
import { sendRegistryBlob } from './blob-route.ts';
import { sendManifest } from './manifest-route.ts';
import { sendPage } from './page-of-names.ts';
import { Referrers } from './referrers.ts';

const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** Serves the read-only part of the OCI distribution API, version 1.1. */
export function registrySite(library: Library): Site {
  const referrers = new Referrers(library);
  const routes: Readonly<Record<string, (exchange: RepositoryExchange) => Promise<void>>> = {
    manifests: sendManifest,
    blobs: sendRegistryBlob,
    referrers: async (exchange) => await referrers.send(exchange),
  };
  return ([version, ...rest]) => {
    if (version !== 'v2') return undefined;
    if (rest.length === 0) return route('ping', async (exchange) => sendJson(exchange, {}));
    if (rest.length === 1 && rest[0] === '_catalog') {
      return route('catalog', async (exchange) =>
        sendPage(exchange, library.names.catalog, (repositories) => ({ repositories })),
      );
    }
    const [kind = '', reference = ''] = rest.slice(-2);
    const name = rest.slice(0, -2).join('/');
    if (kind === 'tags' && reference === 'list') {
      return inRepository('tags', { library, name, reference }, async (exchange) => {
        const tags = [...exchange.repository.tags.keys()].sort();
        sendPage(exchange, tags, (page) => ({ name, tags: page }));
      });
    }
    const handle = Object.hasOwn(routes, kind) ? routes[kind] : undefined;
    if (handle !== undefined) return inRepository(kind, { library, name, reference }, handle);
    return route('unknown', async ({ response }) =>
      sendProblem(response, 404, { code: 'NAME_UNKNOWN', message: 'the distribution API has no such path' }),
    );
  };
}

function route(name: string, handle: Route['handle']): Route {
  return { name, handle };
}

/** Validates names before any lookup; containerd's `ns` tells a mirror which host's name is meant. */
function inRepository(
  kind: string,
  place: { readonly library: Library; readonly name: string; readonly reference: string },
  handle: (exchange: RepositoryExchange) => Promise<void>,
): Route {
  const { library, name, reference } = place;
  return route(kind, async (exchange) => {
    const { response, query, origin } = exchange;
    if (!isRepositoryName(name)) return sendProblem(response, 400, invalidName(name));
    const fault = kind === 'tags' ? undefined : faultOfReference(kind, reference);
    if (fault !== undefined) return sendProblem(response, 400, fault);
    const host = query.get('ns') ?? undefined;
    // When `ns` is this server's own name, the client does not mean another host.
    const isOwn = host !== undefined && origin.endsWith(`//${host}`);
    const repository = library.names.find(name, isOwn ? undefined : host);
    if (repository === undefined) {
      const message = `nothing served here is named ${JSON.stringify(name)}${host === undefined ? '' : ` at ${JSON.stringify(host)}`}`;
      return sendProblem(response, 404, { code: 'NAME_UNKNOWN', message });
    }
    await handle({ ...exchange, library, repository, name, reference });
  });
}

function isRepositoryName(name: string): boolean {
  try {
    return parseReference(`registry.invalid/${name}`).repository === name;
  } catch {
    // The error becomes the answer.
    return false;
  }
}

function faultOfReference(kind: string, reference: string): Problem | undefined {
  if (isDigest(reference)) return undefined;
  if (kind !== 'manifests' || reference.includes(':')) {
    return { code: 'DIGEST_INVALID', message: 'a digest is "sha256:" and 64 lower-case hex digits' };
  }
  return TAG.test(reference) ? undefined : { code: 'TAG_INVALID', message: 'that is not a tag' };
}

function invalidName(name: string): Problem {
  return { code: 'NAME_INVALID', message: `${JSON.stringify(name)} is not a repository name` };
}
