import { collectBytes } from '../../internal/bytes.ts';
import { isHtml } from '../../internal/http/status.ts';
import { MANIFEST_LIMIT } from '../../oci/manifest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { pullScope } from '../auth/scope.ts';
import type { Place } from '../content-name.ts';
import { failOver } from '../session/fail-over.ts';
import { RegistryError } from '../session/registry-error.ts';
import type { Session, SessionRequest } from '../session/session.ts';
import { decodeTagPage } from './decode-page.ts';
import { nextQuery } from './next-page.ts';

/** More than this mean a list that never ends; the longest real ones have some ten thousand tags. */
const PAGE_LIMIT = 500;
const TAG_LIMIT = 100_000;
/** What other clients ask for as well; a registry may give fewer. */
const PAGE_SIZE = 1000;

/**
 * Returns all tags of a repository, each once, in the order of the first endpoint that lists any.
 *
 * @throws `ERR_UPSTREAM_NOT_FOUND` when none does, `ERR_DOCUMENT_INVALID` for an answer that is no list of this repository's
 * tags or never ends, and what `Session.send` and `Session.refuse` throw
 */
export async function listTags(
  sessions: readonly Session[],
  place: Place,
  options: WaitOptions = {},
): Promise<readonly string[]> {
  const what = `list the tags of "${place.registry}/${place.repository}"`;
  try {
    const found = await failOver({ what, sessions }, async (session) => {
      const listed = await tagsAt(session, place, { what, signal: options.signal });
      // A mirror may have nothing of a repository yet.
      return listed.length === 0 ? undefined : listed;
    });
    if (found !== undefined) return found;
    throw new RegistryError('ERR_UPSTREAM_NOT_FOUND', {
      what,
      fact: 'the registry answers with an empty list',
    });
  } catch (error) {
    throw hinted(error);
  }
}

async function tagsAt(
  session: Session,
  place: Place,
  { what, signal }: WaitOptions & { readonly what: string },
): Promise<readonly string[]> {
  const name = session.endpoint.nameOf(place.repository);
  const path = `/${name}/tags/list`;
  const ask = { repository: name, scopes: [pullScope(name)], what, signal };
  const tags = new Set<string>();
  const asked = new Set<string>();
  let query: string | undefined = `?n=${PAGE_SIZE}`;
  while (query !== undefined) {
    if (asked.has(query) || asked.size === PAGE_LIMIT) throw endless(what);
    asked.add(query);
    const request: SessionRequest = {
      ...ask,
      path: `${path}${query}`,
      headers: { accept: 'application/json' },
    };
    await using response = await session.send(request);
    // Half of a list would pass for all of it.
    if (response.status !== 200 || isHtml(response.headers)) throw await session.refuse(response, request);
    const bytes = await collectBytes(response.body, {
      limit: MANIFEST_LIMIT,
      onExcess: () => invalid(what, 'a page of the list is too long'),
    });
    const page = decodeTagPage(bytes, namesAt(session, name, place));
    if ('fault' in page) throw invalid(what, page.fault);
    for (const tag of page.tags) tags.add(tag);
    if (tags.size > TAG_LIMIT) throw endless(what);
    query = nextQuery(response);
  }
  return [...tags];
}

/** A mirror may answer with its own name of the repository, or with the upstream's; a path behind "/v2" is part of its own. */
function namesAt(session: Session, name: string, { repository }: Place): readonly string[] {
  const own = session.endpoint.roots.map((root) => new URL(root).pathname.replace(/^\/v2(?=\/|$)|^\//, ''));
  return [name, repository, ...own.map((prefix) => `${prefix}/${name}`.replace(/^\/+/, ''))];
}

function endless(what: string): RegistryError {
  return invalid(what, 'the list does not end');
}

function invalid(what: string, fact: string): RegistryError {
  return new RegistryError('ERR_DOCUMENT_INVALID', { what, fact });
}

/** Many registries list no tags, or only to some users; the images themselves may well be had. */
function hinted(error: unknown): unknown {
  if (!(error instanceof RegistryError)) return error;
  const { what, hint } = error;
  const before = hint === undefined ? '' : `${hint} `;
  return error.with({ what, hint: `${before}Name the tags in the spec instead of choosing them by "tags".` });
}
