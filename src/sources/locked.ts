import { isSaddlebagError, SaddlebagError } from '../internal/error.ts';
import { redactUrl } from '../internal/http/redact.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { formatReference, type Reference } from '../oci/reference.ts';
import type { Lock, Pin } from '../spec/lock/lock.ts';
import { lockedUrl } from '../spec/lock/url.ts';
import { attachmentsIn } from './images/attachments.ts';
import type { Questions } from './questions.ts';

const RENEW = 'It changed upstream since it was locked; "bundle lock SPEC" pins what is there now.';

/**
 * Returns questions that are answered from a lock. Only content is fetched from `live`, and only content that matches the lock
 * is passed on.
 *
 * @throws `ERR_LOCK_INCOMPLETE` for a question that the lock does not answer; `ERR_DIGEST_MISMATCH` and `ERR_CONTENT_NOT_FOUND`
 * for content that is no longer upstream
 */
export function locked(lock: Lock, { images, web }: Omit<Questions, 'ask'>): Questions {
  return {
    images: {
      resolve: async (reference) => {
        const name = formatReference(reference);
        const pin = lock.references.get(name);
        if (pin === undefined) throw incomplete(`image "${name}"`);
        if (pin === null) throw lockedAway(`image "${name}"`);
        return pin;
      },
      document: async (reference, target, options) => {
        const goneFrom = (cause: SaddlebagError): SaddlebagError => goneImage(reference, target, cause);
        return await stillThere(images.document(reference, target, options), goneFrom);
      },
      content: (reference, target, options) => images.content(reference, target, options),
      held: (digest) => images.held?.(digest),
      // Attachments that did not exist when the lock was written stay out.
      attached: async (reference, digest) => attachmentsIn(lock.references, reference, digest),
    },
    web: {
      measure: async (url, { digest } = {}) => {
        const pin = requirePin(lock, url);
        if (digest !== undefined && digest !== pin.digest) throw otherChecksum(url, digest, pin);
        return pin;
      },
      document: async (url, options) => {
        const pin = requirePin(lock, url);
        const bytes = await stillThere(web.document(url, options), (cause) => goneFile(url, pin, cause));
        const found = digestOf(bytes);
        if (found === pin.digest) return bytes;
        throw new SaddlebagError(
          'ERR_DIGEST_MISMATCH',
          `Cannot use "${redactUrl(url)}" as it was locked: expected "${pin.digest}", found "${found}"`,
          { hint: RENEW },
        );
      },
      query: async (url) => {
        const word = lock.answers.get(lockedUrl(url));
        if (word === undefined) throw incomplete(`"${redactUrl(url)}"`);
        if (word === null) throw lockedAway(`"${redactUrl(url)}"`);
        return { body: Buffer.from(word), headers: {} };
      },
    },
    ask: async (question, key) => {
      const answer = question.recall(key, lock.sections.get(question.section) ?? new Map());
      if (answer === undefined) throw incomplete(question.title(key));
      return answer;
    },
  };
}

function requirePin(lock: Lock, url: string): Pin {
  const pin = lock.urls.get(lockedUrl(url));
  if (pin === undefined) throw incomplete(`"${redactUrl(url)}"`);
  if (pin === null) throw lockedAway(`"${redactUrl(url)}"`);
  return pin;
}

/** Content in the lock that is gone is not "not found": callers would take that for a choice and leave it out. */
async function stillThere<T>(
  content: Promise<T>,
  gone: (cause: SaddlebagError) => SaddlebagError,
): Promise<T> {
  try {
    return await content;
  } catch (error) {
    const isGone =
      isSaddlebagError(error, 'ERR_UPSTREAM_NOT_FOUND') || isSaddlebagError(error, 'ERR_CONTENT_NOT_FOUND');
    throw isGone ? gone(error) : error;
  }
}

function incomplete(what: string): SaddlebagError {
  return new SaddlebagError('ERR_LOCK_INCOMPLETE', `Cannot resolve ${what}: it is not in the lock`);
}

function otherChecksum(url: string, asked: Digest, { digest }: Pin): SaddlebagError {
  return new SaddlebagError(
    'ERR_LOCK_INCOMPLETE',
    `Cannot resolve "${redactUrl(url)}": the spec asks for "${asked}", and the lock has "${digest}"`,
  );
}

function lockedAway(what: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_UPSTREAM_NOT_FOUND',
    `Cannot find ${what}: it was not there when it was locked`,
    { hint: 'If it is there now, run: bundle lock SPEC' },
  );
}

function goneImage(reference: Reference, { digest }: Descriptor, cause: SaddlebagError): SaddlebagError {
  const name = formatReference(reference);
  return new SaddlebagError(
    'ERR_CONTENT_NOT_FOUND',
    `Cannot find image "${name}" as it was locked: "${reference.registry}" no longer has "${digest}"`,
    { hint: RENEW, cause },
  );
}

function goneFile(url: string, { digest }: Pin, cause: SaddlebagError): SaddlebagError {
  return new SaddlebagError(
    'ERR_CONTENT_NOT_FOUND',
    `Cannot find "${redactUrl(url)}" as it was locked: nothing is there any more; it was "${digest}"`,
    { hint: RENEW, cause },
  );
}
