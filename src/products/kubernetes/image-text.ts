import { isSaddlebagError } from '../../internal/error.ts';
import { parseReference } from '../../oci/reference.ts';

/** Words that parse as an image but are none: switches, policies, Istio's placeholder. */
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
 * Returns the image that a text names, exactly as written, when the text is where an image belongs; `undefined` for anything
 * else: template text, a word, a number, an ID. A bare name counts: Kubernetes pulls it from Docker Hub with the tag `latest`.
 */
export function imageTextOf(text: string): string | undefined {
  // KubeVirt's importer uses this prefix, K3s fills in that placeholder.
  const name = text.trim().replace(/^docker:\/\/|^%\{SYSTEM_DEFAULT_REGISTRY\}%/, '');
  if (WORDS.has(name) || /^\d*(?:\.\d+)*$|^[0-9a-f]{64}$/.test(name) || PICTURE.test(name)) return undefined;
  return isReference(name) ? name : undefined;
}

/** Files that a key such as `image` may name as well: pictures and disks. */
const PICTURE = /^[^:@]+\.(?:png|jpe?g|svg|gif|webp|ico|iso|img|qcow2|raw|vmdk|ova|xz|gz|zip)$/i;

/** Returns whether a text stands for the images of K3s' own registry setting. */
export function isPackaged(text: string): boolean {
  return text.startsWith('%{SYSTEM_DEFAULT_REGISTRY}%');
}

/** Returns whether a text has a place that something else is going to fill: `$(x)`, `${X}`, `{{ x }}`, `%{X}%`, `###X###`. */
export function hasPlaceholder(text: string): boolean {
  return /\$[({]|\{\{|%\{|###/.test(text);
}

/**
 * Returns the image that a whole text is when it says so itself, by a path and a tag or a digest: `quay.io/foo/db:v2`,
 * `rancher/kubectl:v1.20.3`. A tag of digits alone may be a port.
 */
export function plainImageOf(text: string): string | undefined {
  const found = imageTextOf(text);
  if (found === undefined || !found.includes('/') || !hasTag(found)) return undefined;
  return /:\d+$/.test(found) && !/^[^/]*[.:]/.test(found) ? undefined : found;
}

/** Returns whether a text has a tag or a digest, which makes it an image wherever an image may stand. */
export function hasTag(text: string): boolean {
  return /[:@]/.test(text.slice(text.lastIndexOf('/') + 1));
}

const HOST = String.raw`(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+(?::\d+)?|localhost(?::\d+)?)`;
const END = String.raw`(?:@sha256:[a-f0-9]{64}|:\w[\w.-]{0,127}(?:@sha256:[a-f0-9]{64})?)`;
const WITH_HOST = new RegExp(String.raw`(?<![\w./:@$%{-])${HOST}(?:\/[a-z0-9._-]+)+${END}(?![\w/:@])`, 'g');
const WITHOUT_HOST = new RegExp(String.raw`^[a-z0-9_-]+(?:\/[a-z0-9._-]+)+${END}$`);

/**
 * Returns what looks like an image in arbitrary text: a host with a dot, a path, and a tag or a digest; or a whole text such as
 * `rancher/kubectl:v1.20.3`.
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

/** Most texts are no reference at first sight, and an error with its stack is dear. */
const SHAPE = /^[A-Za-z0-9[](?:[\w.:@[\]-]|\/(?!\/))*$/;

function isReference(text: string): boolean {
  if (!SHAPE.test(text)) return false;
  try {
    parseReference(text);
    return true;
  } catch (error) {
    if (isSaddlebagError(error, 'ERR_REFERENCE_INVALID')) return false;
    throw error;
  }
}
