import { SaddlebagError } from '../internal/error.ts';
import { redactUrl } from '../internal/http/redact.ts';
import { mayBeAbsent } from '../oci/absence.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { formatReference } from '../oci/reference.ts';
import type { Lock, LockSection, Pin, ReferencePin } from '../spec/lock/lock.ts';
import { lockedUrl } from '../spec/lock/url.ts';
import { lockedName } from './images/attachments.ts';
import type { Questions } from './questions.ts';

/** Questions that pass through to others, with a record of all answers so far. */
export interface Recorded extends Questions {
  /** Returns the lock that gives the same answer to every question asked so far. */
  lockOf(name: string): Lock;
}

/** A lock keeps one word of a changing answer: no source uses more of it. */
const WORD = /^\s*([!-~]{1,64})\s*$/;

/** Returns `live` with a recorder: each answer becomes a pin. */
export function recorded(asked: Questions): Recorded {
  const { images, web } = asked;
  const references = new Map<string, ReferencePin | null>();
  const urls = new Map<string, Pin | null>();
  const answers = new Map<string, string | null>();
  const sections = new Map<LockSection, Map<string, ReadonlyMap<string, string | null>>>();
  return {
    images: {
      resolve: async (reference, options) => {
        const name = formatReference(reference);
        const asked = images.resolve(reference, options);
        const descriptor = await orMissing(asked, () => references.set(name, null));
        const { mediaType, digest, size } = descriptor;
        references.set(name, { mediaType, digest, size });
        return descriptor;
      },
      // A digest in the reference leaves nothing that could change.
      document: (reference, target, options) => images.document(reference, target, options),
      content: (reference, target, options) => images.content(reference, target, options),
      held: (digest) => images.held?.(digest),
      attached: async (reference, digest, options) => {
        const found = (await images.attached?.(reference, digest, options)) ?? [];
        for (const each of found) references.set(lockedName(reference, digest, each), each.descriptor);
        return found;
      },
    },
    web: {
      measure: async (url, options) => {
        const { digest, size } = await web.measure(url, options);
        pinUrl(urls, url, { digest, size });
        return { digest, size };
      },
      document: async (url, options) => {
        const bytes = await orMissing(web.document(url, options), () => urls.set(lockedUrl(url), null));
        pinUrl(urls, url, { digest: digestOf(bytes), size: bytes.length });
        return bytes;
      },
      query: async (url, options) => {
        const answer = await orMissing(web.query(url, options), () => answers.set(lockedUrl(url), null));
        const word = WORD.exec(Buffer.from(answer.body).toString('utf8'))?.[1];
        if (word !== undefined) answers.set(lockedUrl(url), word);
        return answer;
      },
    },
    ask: async (question, key) => {
      const answer = await asked.ask(question, key);
      const facts = sections.get(question.section) ?? new Map<string, ReadonlyMap<string, string | null>>();
      for (const [group, words] of question.facts(key, answer)) {
        // A spec may take some of an archive here, and some there.
        const known = question.section.isGroupPinned ? [] : (facts.get(group) ?? []);
        facts.set(group, new Map([...known, ...words]));
      }
      sections.set(question.section, facts);
      return answer;
    },
    lockOf: (name) => ({ name, references, urls, answers, sections }),
  };
}

/**
 * Absence is an answer too: a client that was never published stays absent next time. The same goes for an image that was
 * denied, which a guess may do without.
 */
async function orMissing<T>(answer: Promise<T>, onMissing: () => void): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (mayBeAbsent(error)) onMissing();
    throw error;
  }
}

/** One address has one pin; a spec with two checksums for it is wrong about one of them. */
function pinUrl(urls: Map<string, Pin | null>, url: string, pin: Pin): void {
  const key = lockedUrl(url);
  const known = urls.get(key);
  if (known !== null && known !== undefined && known.digest !== pin.digest)
    throw ambiguous(url, known.digest, pin.digest);
  urls.set(key, pin);
}

function ambiguous(url: string, one: Digest, other: Digest): SaddlebagError {
  return new SaddlebagError(
    'ERR_DIGEST_MISMATCH',
    `Cannot lock "${redactUrl(url)}": it is both "${one}" and "${other}"`,
    {
      hint: 'The spec gives two checksums for it, or it changed just now: correct the spec, or run it again.',
    },
  );
}
