import { isRecord } from '../../internal/json.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { isDigest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { Engine, HeldImage } from '../engine.ts';
import { type ApiAnswer, askEngine } from './api.ts';
import { loadFault } from './load-report.ts';

/** The oldest API that has all we ask for: Docker 1.13, and what Podman speaks. */
const OLDEST_API = 24;
/** From this API on an engine says whether it has all of an image (`manifests=1`). */
const MANIFESTS_API = 48;
/** The newest API that we know. */
const NEWEST_API = 48;

/**
 * Makes an engine that speaks Docker's API: Docker, Podman, Rancher Desktop with moby. `socket` is a path or a named pipe.
 *
 * @throws from its functions `ERR_TARGET_FAILED`, `ERR_TARGET_REFUSED`, `ERR_DISK_FULL`
 */
export function dockerEngine(name: string, socket: string): Engine {
  const title = `${name} at ${socket}`;
  let version: Promise<number> | undefined;
  const api = (wait: WaitOptions): Promise<number> => (version ??= apiOf(title, socket, wait));
  const pathOf = async (wait: WaitOptions, path: string): Promise<string> =>
    `/v1.${await api(wait)}/images/${path}`;
  return {
    title,
    place: `engine:${name}:${socket}`,
    keepsDigests: false,
    async reach(wait = {}) {
      await api(wait);
    },
    async find(image, wait = {}) {
      const query = (await api(wait)) >= MANIFESTS_API ? '?manifests=1' : '';
      const path = await pathOf(wait, `${encodeURIComponent(image)}/json${query}`);
      const answer = await askEngine(socket, { method: 'GET', path, signal: wait.signal });
      if (answer.status === 404) return undefined;
      return heldImage(expectStatus(answer, { title, doing: `ask for image "${image}"` }));
    },
    async load(open, { name: image, signal }) {
      const path = await pathOf({ signal }, 'load?quiet=1');
      const answer = await askEngine(socket, { method: 'POST', path, body: open(), signal });
      const fault = answer.status === 200 ? loadFault(answer.text, image) : refusalOf(answer);
      if (fault !== undefined) throw loadError(fault, { title, image });
    },
    async remove(image, wait = {}) {
      const path = await pathOf(wait, encodeURIComponent(image));
      const answer = await askEngine(socket, { method: 'DELETE', path, signal: wait.signal });
      if (answer.status === 200 || answer.status === 404) return undefined;
      // A container uses it.
      if (answer.status === 409) return refusalOf(answer);
      expectStatus(answer, { title, doing: `remove image "${image}"` });
      return undefined;
    },
  };
}

/** Docker's Engine API, "Ping": every engine that speaks it names its newest version there. @throws `ERR_TARGET_REFUSED` */
export async function apiOf(title: string, socket: string, { signal }: WaitOptions): Promise<number> {
  const { status, headers } = await askEngine(socket, { method: 'GET', path: '/_ping', signal });
  const offered = headers['api-version'];
  const minor = Number(/^1\.(\d{1,3})$/.exec(typeof offered === 'string' ? offered : '')?.[1]);
  if (status === 200 && minor >= OLDEST_API) return Math.min(minor, NEWEST_API);
  throw new SaddlebagError('ERR_TARGET_REFUSED', `Cannot use ${title}: it does not speak Docker's API`, {
    hint: 'Name the socket of Docker or Podman, as in docker=/run/docker.sock.',
  });
}

/** `Id` is the digest of the config in Docker's classic store and Podman, and that of the root in its containerd store. */
function heldImage({ text }: ApiAnswer): HeldImage | undefined {
  const document = parseRecord(text);
  const id = typeof document['Id'] === 'string' ? document['Id'] : '';
  const digest = id.startsWith('sha256:') ? id : `sha256:${id}`;
  if (!isDigest(digest)) return undefined;
  const manifests: readonly unknown[] = Array.isArray(document['Manifests']) ? document['Manifests'] : [];
  const images = manifests.filter((each) => isRecord(each) && each['Kind'] === 'image');
  const isWhole = images.length === 0 || images.some((each) => isRecord(each) && each['Available'] === true);
  return { id: digest, isWhole };
}

function expectStatus(
  answer: ApiAnswer,
  { title, doing }: { readonly title: string; readonly doing: string },
): ApiAnswer {
  if (answer.status === 200) return answer;
  throw new SaddlebagError('ERR_TARGET_FAILED', `Cannot ${doing} in ${title}: ${refusalOf(answer)}`);
}

/** Every refusal is `{"message": …}`; Podman adds its cause. */
export function refusalOf({ status, text }: ApiAnswer): string {
  const { message } = parseRecord(text);
  return typeof message === 'string' && message !== '' ? message.slice(0, 500) : `it answered ${status}`;
}

function parseRecord(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function loadError(
  fault: string,
  { title, image }: { readonly title: string; readonly image: string },
): SaddlebagError {
  const message = `Cannot load image "${image}" into ${title}: ${fault}`;
  if (!/no space left/i.test(fault)) return new SaddlebagError('ERR_TARGET_FAILED', message);
  return new SaddlebagError('ERR_DISK_FULL', message, {
    hint: 'Free some space where the engine keeps its images, and run the install again: it goes on where it stopped.',
  });
}
