import { describe, expect, it } from 'vitest';
import { writeConfig } from '../../../src/verbs/config.ts';
import { composeMessage, handMadeKey } from '../../support/openpgp.ts';
import { releaseClaim } from '../../support/samples/openshift-release.ts';
import { type OpenshiftSite, startOpenshiftSite } from '../../support/sites/openshift-site.ts';
import { problemsOf } from '../../support/thrown.ts';

const PART =
  'openshift: { releases: [quay.io/openshift-release-dev/ocp-release:4.20.3-x86_64], keys: [keys.asc] }\n';
const stranger = handMadeKey();
const path = (digest: string, number = 1): string =>
  `/signatures/sha256=${digest.slice(7)}/signature-${number}`;

async function unsignedSite(): Promise<{ readonly site: OpenshiftSite; readonly digest: string }> {
  const site = await startOpenshiftSite();
  const { root } = await site.release({ version: '4.20.3', signed: 'nothing' });
  return { site, digest: root.digest };
}

describe('the signature of a release', () => {
  it.each([
    ['version 4, compressed', { form: 'compressed' }],
    ['version 3, compressed', { version: 3, form: 'compressed' }],
    ['version 4, in parts', { form: 'partial' }],
    ['version 3', { version: 3 }],
  ] as const)('counts in %s', async (_, options) => {
    const { site, digest } = await unsignedSite();
    site.sign(digest, composeMessage(releaseClaim(digest), site.key, options));
    const { items, findings } = await site.build(PART);
    expect(items).toBe(5);
    expect(findings.filter(({ level }) => level === 'warning')).toEqual([]);
  });

  it('counts from the second store, and as a later number behind one that is of no use', async () => {
    const { site, digest } = await unsignedSite();
    const good = composeMessage(releaseClaim(digest), site.key);
    site.answers.set(path(digest).replace('/signatures', '/other'), { body: good });
    site.answers.set(path(digest), { status: 403, body: 'no' });
    expect((await site.build(PART)).items).toBe(5);
    site.answers.delete(path(digest).replace('/signatures', '/other'));
    site.sign(digest, composeMessage(releaseClaim(digest), stranger));
    site.sign(digest, good, 2);
    expect((await site.build(PART)).items).toBe(5);
  });

  it('counts up to the ninth, as clusters count', async () => {
    const { site, digest } = await unsignedSite();
    for (let number = 1; number <= 12; number += 1) site.sign(digest, undefined, number);
    const { path: bundle } = await site.build(PART);
    const asked = site.asked.filter((each) => each.includes(digest.slice(7)));
    expect(asked).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => path(digest, number)));
    const surroundings = { env: {}, home: site.folder, host: { platform: 'linux', arch: 'x64' } };
    const { files } = await writeConfig(
      { kind: 'signature-configmap', bundle, registry: 'registry.lab' },
      surroundings,
    );
    const map: { readonly binaryData: object } = JSON.parse(files[0]?.text ?? '');
    expect(Object.keys(map.binaryData)).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => `${digest.replace(':', '-')}-${number}`),
    );
  });

  it('is made by a pinned key, or by one of the spec: a key that the release brings is not enough', async () => {
    const { site, digest } = await unsignedSite();
    site.sign(digest);
    expect(await problemsOf(site.build(PART.replace(', keys: [keys.asc]', '')))).toEqual([
      expect.stringMatching(
        /^ERR_SIGNATURE_INVALID Cannot trust OpenShift 4\.20\.3, .*is not trusted; it carries no key/,
      ),
    ]);
  });

  it.each<readonly [string, (site: OpenshiftSite, digest: string) => void, RegExp]>([
    [
      'is nowhere',
      () => undefined,
      /^ERR_SIGNATURE_MISSING Cannot trust OpenShift 4\.20\.3, "quay\.io\/[^"]+": it has no signature$/,
    ],
    [
      'is for another digest',
      (site, digest) => site.sign(digest, composeMessage(releaseClaim(`sha256:${'0'.repeat(64)}`), site.key)),
      /^ERR_SIGNATURE_INVALID .*it is for "sha256:0{64}", and not for/,
    ],
    [
      'is by another key',
      (site, digest) => site.sign(digest, composeMessage(releaseClaim(digest), stranger)),
      /is not trusted/,
    ],
    [
      'of version 3 is by another key',
      (site, digest) => site.sign(digest, composeMessage(releaseClaim(digest), stranger, { version: 3 })),
      /is not trusted/,
    ],
    [
      'has expired',
      (site, digest) => site.sign(digest, composeMessage(releaseClaim(digest), site.key, { lifetime: 1 })),
      /it expired at 2023-11-14T22:13:21.000Z/,
    ],
    [
      'is cut',
      (site, digest) => site.sign(digest, composeMessage(releaseClaim(digest), site.key).subarray(0, -20)),
      /it ends too early/,
    ],
    [
      'is of a weak hash',
      (site, digest) => site.sign(digest, composeMessage(releaseClaim(digest), site.key, { hash: 'sha1' })),
      /hash algorithm 2 is not trusted/,
    ],
    [
      'is a web page',
      (site, digest) => site.answers.set(path(digest), { type: 'text/html', body: '<html>Sign in</html>' }),
      /^ERR_SIGNATURE_INVALID .*HTML page/,
    ],
    [
      'is behind a store that fails',
      (site, digest) => site.answers.set(path(digest), { status: 501, body: 'no' }),
      /^ERR_SIGNATURE_INVALID .*501/,
    ],
    [
      'is behind a store whose answer never ends',
      (site, digest) => site.answers.set(path(digest), { body: { endless: true } }),
      /^ERR_SIGNATURE_INVALID .*it has more than the \d+ bytes allowed/,
    ],
    [
      'is larger than any',
      (site, digest) => site.sign(digest, Buffer.alloc(60_000, 0x90)),
      /it has 60000 bytes, and 51200 are allowed/,
    ],
    [
      'says nothing of a release',
      (site, digest) => site.sign(digest, composeMessage(Buffer.from('{"critical":{}}'), site.key)),
      /has other fields than/,
    ],
    [
      'says more than a claim may',
      (site, digest) =>
        site.sign(
          digest,
          composeMessage(
            Buffer.from(releaseClaim(digest).toString().replace('"optional"', '"also":1,"optional"')),
            site.key,
          ),
        ),
      /has other fields than/,
    ],
    [
      'is of another type',
      (site, digest) =>
        site.sign(
          digest,
          composeMessage(Buffer.from(releaseClaim(digest).toString().replace('atomic', 'nuclear')), site.key),
        ),
      /its "type" is unknown/,
    ],
    [
      'is no JSON',
      (site, digest) => site.sign(digest, composeMessage(Buffer.from('signed'), site.key)),
      /it is not JSON/,
    ],
  ])('that %s stops the build, and passes with "unsigned"', async (_, prepare, message) => {
    const { site, digest } = await unsignedSite();
    prepare(site, digest);
    expect(await problemsOf(site.build(PART))).toEqual([expect.stringMatching(message)]);
    const { findings, items } = await site.build(PART.replace('keys:', 'unsigned: true, keys:'));
    expect(items).toBe(5);
    expect(findings.map(({ message: text }) => text)).toEqual(
      expect.arrayContaining([expect.stringContaining('; the spec accepts it anyway')]),
    );
  });

  it.each([
    ['release', []],
    ['children', []],
    ['first child', [/signatures cover 1 of its 2 images/]],
    ['nothing', [/no signature/]],
  ] as const)('of a list covers what is kept of it: %s', async (signed, problems) => {
    const site = await startOpenshiftSite();
    await site.release({ version: '4.20.3', architectures: ['amd64', 'arm64'], tag: '4.20.3-multi', signed });
    const built = site.build(PART.replace('x86_64', 'multi'));
    const found = await built.then(
      () => [],
      () => problemsOf(built),
    );
    expect(found).toEqual(problems.map((problem) => expect.stringMatching(problem)));
  });
});
