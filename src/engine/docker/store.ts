import { SaddlebagError } from '../../internal/error.ts';
import { isRecord } from '../../internal/json.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { asEngineError, withEngineErrors } from '../engine-error.ts';
import type { DockerPlace } from '../locate.ts';
import type { EngineStore } from '../store.ts';
import { type ApiAnswer, askEngine, streamFromEngine } from './api.ts';
import { apiOf, refusalOf } from './docker.ts';

/**
 * Returns the images of an engine that speaks Docker's API: Docker, Podman, Rancher Desktop with moby. An image is exported by its ID,
 * so that what comes is what was found, whatever becomes of its name. Its functions throw as those of {@link EngineStore}.
 */
export function dockerStore({ name, socket }: Omit<DockerPlace, 'type'>): EngineStore {
  const title = `${name} at ${socket}`;
  let version: Promise<number> | undefined;
  const api = async (wait: WaitOptions): Promise<number> =>
    await asEngineError((version ??= apiOf(title, socket, wait)));
  const ask = async (path: string, wait: WaitOptions): ReturnType<typeof askEngine> =>
    await asEngineError(
      askEngine(socket, {
        method: 'GET',
        path: `/v1.${await api(wait)}/images/${path}`,
        signal: wait.signal,
      }),
    );
  return {
    title,
    async reach(wait = {}) {
      await api(wait);
    },
    async find({ text }, wait = {}) {
      const answer = await ask(`${encodeURIComponent(text)}/json`, wait);
      if (answer.status === 404) return undefined;
      const id = idIn(textOf(answer, { title, doing: `ask for image "${text}"` }));
      return id === undefined ? undefined : { id };
    },
    async names(wait = {}) {
      return namesIn(textOf(await ask('json', wait), { title, doing: 'list the images' }));
    },
    content: {
      type: 'archive',
      save: ({ id }, wait = {}) =>
        withEngineErrors(
          saved(socket, async () => `/v1.${await api(wait)}/images/${encodeURIComponent(id)}/get`, {
            title: `${title}, image ${id}`,
            signal: wait.signal,
          }),
        ),
    },
  };
}

async function* saved(
  socket: string,
  pathOf: () => Promise<string>,
  { title, signal }: WaitOptions & { readonly title: string },
): AsyncGenerator<Uint8Array> {
  yield* streamFromEngine(socket, {
    path: await pathOf(),
    onRefusal: (answer) =>
      new SaddlebagError('ERR_TARGET_FAILED', `Cannot export from ${title}: ${refusalOf(answer)}`),
    signal,
  });
}

function textOf(
  answer: ApiAnswer,
  { title, doing }: { readonly title: string; readonly doing: string },
): string {
  if (answer.status === 200) return answer.text;
  throw new SaddlebagError('ERR_ENGINE_FAILED', `Cannot ${doing} in ${title}: ${refusalOf(answer)}`);
}

/** Podman leaves the algorithm out. */
function idIn(text: string): Digest | undefined {
  const document = parsed(text);
  const id = isRecord(document) && typeof document['Id'] === 'string' ? document['Id'] : '';
  const digest = id.startsWith('sha256:') ? id : `sha256:${id}`;
  return isDigest(digest) ? digest : undefined;
}

/** Docker's Engine API, "List Images"; what has no name is `<none>:<none>`, or has no names at all. */
function namesIn(text: string): readonly string[] {
  const list = parsed(text);
  if (!Array.isArray(list)) return [];
  return list.flatMap((each: unknown) => {
    const tags: unknown = isRecord(each) ? each['RepoTags'] : undefined;
    if (!Array.isArray(tags)) return [];
    return tags.flatMap((tag: unknown) => (typeof tag === 'string' && !tag.includes('<none>') ? [tag] : []));
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
