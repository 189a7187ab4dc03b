import { isSaddlebagError } from '../../internal/error.ts';
import { parseReference } from '../../oci/reference.ts';

/** What stands where an image could, parses as one, and is none: switches, policies, Istio's placeholder. */
const WORDS: ReadonlySet<string> = new Set([
  'true',
  'false',
  'yes',
  'no',
  'on',
  'off',
  'auto',
  'default',
  'none',
  'null',
]);

/**
 * Returns the image that a text in a place for images names, as it is written there; `undefined` for what is none: template
 * text, a word, a number, an ID. A bare name counts: Kubernetes takes it for one of Docker Hub with the tag `latest`.
 */
export function imageTextOf(text: string): string | undefined {
  // KubeVirt's importer writes it so.
  const name = text.trim().replace(/^docker:\/\//, '');
  if (WORDS.has(name) || /^\d*(?:\.\d+)*$|^[0-9a-f]{64}$/.test(name)) return undefined;
  return isReference(name) ? name : undefined;
}

/** Returns whether a text names a tag or a digest, so that it is an image wherever it stands in a place for images. */
export function hasTag(text: string): boolean {
  return /[:@]/.test(text.slice(text.lastIndexOf('/') + 1));
}

const HOST = String.raw`(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+(?::\d+)?|localhost(?::\d+)?)`;
const END = String.raw`(?:@sha256:[a-f0-9]{64}|:\w[\w.-]{0,127}(?:@sha256:[a-f0-9]{64})?)`;
const WITH_HOST = new RegExp(String.raw`(?<![\w./:@$%{-])${HOST}(?:\/[a-z0-9._-]+)+${END}(?![\w/:@])`, 'g');
const WITHOUT_HOST = new RegExp(String.raw`^[a-z0-9_-]+(?:\/[a-z0-9._-]+)+${END}$`);

/**
 * Returns what looks like an image in a text that may be anything: a host with a dot, a path, and a tag or a digest; and a whole
 * text such as `rancher/kubectl:v1.20.3`.
 */
export function lookalikesIn(text: string): readonly string[] {
  if (
    text.length <= 512 &&
    WITHOUT_HOST.test(text) &&
    /[0-9]|:latest$/.test(text.slice(text.lastIndexOf(':')))
  )
    return isReference(text) ? [text] : [];
  return [...text.matchAll(WITH_HOST)].map(([found]) => found.replace(/[.-]+$/, '')).filter(isReference);
}

function isReference(text: string): boolean {
  try {
    parseReference(text);
    return true;
  } catch (error) {
    if (isSaddlebagError(error, 'ERR_REFERENCE_INVALID')) return false;
    throw error;
  }
}
