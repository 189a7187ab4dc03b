import type { Path } from '../../yaml/place.ts';
import type { Sheet } from '../sheet.ts';

/** Why an option of Hauler has no counterpart in a spec, and what to write. */
interface Refusal {
  readonly fact: string;
  readonly hint: string;
}

const REWRITE: Refusal = {
  fact: 'a bundle does not keep other names',
  hint: 'Rename where it is installed: bundle install BUNDLE --registry HOST --rewrite "REGEX=>REPLACEMENT"',
};
const VERIFY: Refusal = {
  fact: 'signatures are carried along, and not verified at build',
  hint: 'Take it out, and verify before or after.',
};
const TRUST: Refusal = {
  fact: 'it is a matter of the host, and not of one item',
  hint: 'Write it under registries.configs of the spec, or give bundle build --ca-file.',
};
const CREDENTIALS: Refusal = {
  fact: 'a spec has no credentials of repositories',
  hint: 'Fetch the chart, and name its path.',
};

const REFUSALS: Readonly<Record<string, Refusal>> = {
  rewrite: REWRITE,
  key: VERIFY,
  'use-tlog-verify': VERIFY,
  'certificate-identity': VERIFY,
  'certificate-identity-regexp': VERIFY,
  'certificate-oidc-issuer': VERIFY,
  'certificate-oidc-issuer-regexp': VERIFY,
  'certificate-github-workflow-repository': VERIFY,
  verify: VERIFY,
  keyring: VERIFY,
  'ca-file': TRUST,
  'insecure-skip-tls-verify': TRUST,
  caFile: TRUST,
  certFile: TRUST,
  keyFile: TRUST,
  insecureSkipTLSVerify: TRUST,
  plainHTTP: TRUST,
  usernameEnv: CREDENTIALS,
  passwordEnv: CREDENTIALS,
  passCredentialsAll: CREDENTIALS,
  local: {
    fact: 'it is taken from Docker on this host',
    hint: 'Save it with docker save, and write under "images" of the spec: { archive: PATH }.',
  },
};

/** What a bundle carries more of than was asked for. */
const EXTRAS = 'signatures and the like come along; "signatures: false" in the spec leaves all of them out';

/** Tells of every option of an item that a spec has no counterpart for. */
export function tellOptions(item: Readonly<Record<string, unknown>>, path: Path, sheet: Sheet): void {
  for (const [key, value] of Object.entries(item)) {
    if (value === '' || value === false) continue;
    tellOption(key, [...path, key], sheet);
  }
}

/** Annotations stand for options of all items of a document; those of other programs mean nothing here. */
export function tellAnnotations(
  annotations: Readonly<Record<string, string>>,
  understood: readonly string[],
  sheet: Sheet,
): void {
  for (const [key, value] of Object.entries(annotations)) {
    const name = /^hauler\.dev\/(.*)$/.exec(key)?.[1];
    const path = ['metadata', 'annotations', key];
    // Hauler takes no other word than "true" for yes, and reads "rewrite" nowhere.
    if (name === undefined || understood.includes(name) || name === 'rewrite' || value === 'false') continue;
    if (name === 'store' || name === 'retries') sheet.tell(path, 'it is about how Hauler works');
    else if (REFUSALS[name] === undefined && name !== 'exclude-extras')
      sheet.refuse(path, 'there is no such annotation');
    else tellOption(name, path, sheet);
  }
}

function tellOption(key: string, path: Path, sheet: Sheet): void {
  const refusal = REFUSALS[key];
  if (refusal !== undefined) sheet.refuse(path, refusal.fact, { hint: refusal.hint });
  if (key === 'exclude-extras') sheet.tell(path, EXTRAS);
}
