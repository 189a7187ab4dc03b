import { SaddlebagError } from '../../internal/error.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { formatReference, parseReference } from '../../oci/reference.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { asEngineError, withEngineErrors } from '../engine-error.ts';
import type { ContainerdPlace } from '../locate.ts';
import type { EngineStore } from '../store.ts';
import { containerdClient } from './client.ts';

/** A name of an image, and what it stands for. */
interface Row {
  readonly name: string;
  readonly digest: Digest;
}

/** Kubernetes gives an image its ID for a name, too. */
const ID_NAME = /^sha256:/;

/** Returns the images of containerd: blob by blob, just as they came to it. Its functions throw as those of {@link EngineStore}. */
export function containerdStore(place: Omit<ContainerdPlace, 'type'>): EngineStore {
  const { title, ctr, stream, reach } = containerdClient(place);
  const printed = async (parameters: readonly string[], { signal }: WaitOptions): Promise<string> => {
    const { status, stdout, words } = await asEngineError(ctr(parameters, { signal }));
    if (status === 0) return stdout;
    throw new SaddlebagError(
      'ERR_ENGINE_FAILED',
      `Cannot run "ctr ${parameters.join(' ')}" on ${title}: ${words}`,
    );
  };
  const rows = async (wait: WaitOptions): Promise<readonly Row[]> =>
    rowsOf(await printed(['images', 'list'], wait));
  return {
    title,
    reach: async (wait) => await asEngineError(reach(wait)),
    async find({ by, text }, wait = {}) {
      const all = await rows(wait);
      const name = by === 'id' ? undefined : formatReference(parseReference(text));
      const found = all.find((row) => (name === undefined ? hasId(row, text) : row.name === name));
      return found === undefined ? undefined : { id: found.digest };
    },
    names: async (wait = {}) => (await rows(wait)).flatMap(({ name }) => (ID_NAME.test(name) ? [] : [name])),
    content: {
      type: 'blobs',
      list: async (wait = {}) =>
        new Set((await printed(['content', 'list', '--quiet'], wait)).split(/\s+/).filter(isDigest)),
      fetch: (digest, { offset = 0, signal } = {}) =>
        withEngineErrors(skipped(stream(['content', 'get', digest], { signal }), offset)),
    },
  };
}

/** Reads the table of `ctr images list`: reference, type, digest, size, platforms, labels. */
function rowsOf(table: string): readonly Row[] {
  return table.split('\n').flatMap((line) => {
    const [name = '', , digest] = line.split(/\s+/);
    return isDigest(digest) ? [{ name, digest }] : [];
  });
}

function hasId({ name, digest }: Row, text: string): boolean {
  const start = text.startsWith('sha256:') ? text : `sha256:${text}`;
  return digest.startsWith(start) || name.startsWith(start);
}

/** containerd has no way into the middle of a blob that its client knows. */
async function* skipped(stream: AsyncIterable<Uint8Array>, offset: number): AsyncGenerator<Uint8Array> {
  let left = offset;
  for await (const chunk of stream) {
    const rest = chunk.subarray(left);
    left -= chunk.length - rest.length;
    if (rest.length > 0) yield rest;
  }
}
