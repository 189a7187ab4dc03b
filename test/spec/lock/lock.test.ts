import { array, assert, constantFrom, dictionary, nat, option, property, record, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import { encodeLock } from '../../../src/spec/lock/encode.ts';
import type { Lock } from '../../../src/spec/lock/lock.ts';
import { failureOf, problemsIn } from '../../support/failure.ts';
import {
  parseWholeLock,
  sampleLock,
  samplePin,
  sampleReferencePin,
} from '../../support/samples/sample-lock.ts';

const FILE = 'lab.lock.json';
const EMPTY = { lock: 1, name: 'lab', references: {}, urls: {}, answers: {} };
const DIGEST = digestOf('x');

async function refusal(text: string): Promise<readonly string[]> {
  const error = await failureOf(() => parseWholeLock(text, FILE));
  expect(error.code).toBe('ERR_LOCK_INVALID');
  return [error.message, ...problemsIn(error)];
}

async function refusalOf(more: object): Promise<readonly string[]> {
  return (await refusal(JSON.stringify({ ...EMPTY, ...more }))).slice(1);
}

describe('encodeLock', () => {
  it('writes one pin a line, sorted by code unit, with a final newline [B-LOCK-1]', () => {
    const tool = samplePin('tool').digest;
    const [cert, rancher] = [sampleReferencePin('cert'), sampleReferencePin('rancher')];
    expect(encodeLock(sampleLock())).toBe(
      [
        '{',
        '  "lock": 1,',
        '  "name": "lab",',
        '  "references": {',
        `    "docker.io/rancher/rancher:v2.9.2": { "mediaType": "${rancher.mediaType}", "digest": "${rancher.digest}", "size": 7 },`,
        `    "quay.io/jetstack/cert-manager-controller:v1.15.3": { "mediaType": "${cert.mediaType}", "digest": "${cert.digest}", "size": 4 }`,
        '  },',
        '  "urls": {',
        '    "https://dl.k8s.io/release/v1.20.15/bin/darwin/arm64/kubectl.sha256": null,',
        `    "https://example.com/tool.tar.gz": { "digest": "${tool}", "size": 4 }`,
        '  },',
        '  "answers": {',
        '    "https://dl.k8s.io/release/stable-1.31.txt": "v1.31.14",',
        '    "https://dl.k8s.io/release/stable-1.99.txt": null',
        '  },',
        '  "k3s": {',
        '    "channels": {',
        '      "new": null,',
        '      "stable": "v1.31.2+k3s1"',
        '    },',
        '    "releases": {',
        '      "v1.30.6+k3s1": "amd64",',
        '      "v1.31.2+k3s1": "amd64 arm arm64",',
        '      "v1.36.1+k3s1": ""',
        '    }',
        '  }',
        '}',
        '',
      ].join('\n'),
    );
  });

  it('writes the same bytes whatever order the answers and their fields came in', () => {
    const lock = sampleLock();
    const turned: Lock = {
      name: lock.name,
      references: new Map(
        [...lock.references].toReversed().map(([name, pin]) => {
          return [name, pin && { size: pin.size, digest: pin.digest, mediaType: pin.mediaType }];
        }),
      ),
      urls: new Map([...lock.urls].toReversed()),
      answers: new Map([...lock.answers].toReversed()),
      sections: new Map(
        [...lock.sections].map(([section, facts]) => [
          section,
          new Map([...facts].toReversed().map(([group, words]) => [group, new Map([...words].toReversed())])),
        ]),
      ),
    };
    expect(encodeLock(turned)).toBe(encodeLock(lock));
  });

  it('changes one line for one pin that moved', () => {
    const before = encodeLock(sampleLock()).split('\n');
    const urls = new Map([...sampleLock().urls, ['https://example.com/tool.tar.gz', samplePin('other')]]);
    const after = encodeLock(sampleLock({ urls })).split('\n');
    expect(after.filter((line, index) => line !== before[index])).toHaveLength(1);
  });
});

describe('parseLock', () => {
  it('reads what was written', () => {
    const lock = sampleLock();
    const read = parseWholeLock(encodeLock(lock), FILE);
    expect(new Map(read.references)).toEqual(lock.references);
    expect(read).toEqual(lock);
  });

  it('reads it in any other layout of JSON: in one line, indented with tabs, with CRLF', () => {
    const text = encodeLock(sampleLock());
    const value: unknown = JSON.parse(text);
    for (const other of [
      JSON.stringify(value),
      JSON.stringify(value, null, '\t'),
      text.replaceAll('\n', '\r\n'),
    ])
      expect(parseWholeLock(other, FILE)).toEqual(sampleLock());
  });

  it('reads back any lock there can be', () => {
    const pin = record({ digest: string().map((text) => digestOf(text)), size: nat() });
    const path = array(constantFrom('a', 'b', 'release', 'v1.2.3%2Bk3s1'), { maxLength: 4 });
    const url = path.map((parts) => ['https://example.com', ...parts].join('/'));
    const locks = record({
      name: constantFrom('lab', 'a.b-c'),
      references: dictionary(
        nat().map((number) => `docker.io/library/x:${number}`),
        pin.map((one) => ({ mediaType: sampleReferencePin('').mediaType, ...one })),
      ),
      urls: dictionary(url, option(pin)),
      answers: dictionary(url, option(constantFrom('v1.31.14', '~', '"'))),
    });
    assert(
      property(locks, ({ name, references, urls, answers }) => {
        const mapOf = <V>(entries: Readonly<Record<string, V>>): Map<string, V> =>
          new Map(Object.entries(entries));
        // An address without a path has one all the same.
        const bare = (key: string): string => (key === 'https://example.com' ? `${key}/` : key);
        const lock = {
          name,
          references: mapOf(references),
          urls: new Map([...mapOf(urls)].map(([key, value]) => [bare(key), value])),
          answers: new Map([...mapOf(answers)].map(([key, value]) => [bare(key), value])),
          sections: new Map(),
        };
        expect(parseWholeLock(encodeLock(lock), FILE)).toEqual(lock);
      }),
    );
  });

  it('refuses a key that appears twice, at every depth, with its place [B-LOCK-2]', async () => {
    const head = '{"lock": 1, "name": "lab", "answers": {},\n';
    expect(await refusal(`${head}"references": {}, "urls": {}, "urls": {}}`)).toEqual([
      `Cannot read lock "${FILE}": 1 problem`,
      `Cannot read lock at ${FILE}:2:31: the key "urls" appears twice`,
    ]);
    const pin = JSON.stringify({ digest: DIGEST, size: 1 });
    const twice = `"https://h/x": ${pin},\n"https://h/\\u0078": null`;
    expect(await refusal(`${head}"references": {}, "urls": {${twice}}}`)).toEqual([
      expect.anything(),
      `Cannot read lock at ${FILE}:3:1: the key "https://h/x" appears twice`,
    ]);
    const size = `{"digest": "${DIGEST}", "size": 1, "size": 2}`;
    expect((await refusal(`${head}"references": {}, "urls": {"https://h/x": ${size}}}`))[1]).toContain(
      '"size"',
    );
  });

  it.each([
    ['an unknown key', { refrences: {} }, 'there is no such key | Did you mean'],
    ['no references', { references: undefined }, 'the key "references" is missing'],
    ['a list of references', { references: [] }, 'expected a mapping, found an empty list'],
    ['another name than a spec can have', { name: '../etc' }, 'Cannot read "name"'],
    ['a short name', { references: { busybox: null } }, 'a key is not a full reference'],
    [
      'an upper-case digest',
      { urls: { 'https://h/x': { digest: DIGEST.toUpperCase(), size: 1 } } },
      'expected "sha256:" and 64 lower-case hex digits',
    ],
    [
      'another algorithm',
      { urls: { 'https://h/x': { digest: `sha512:${'a'.repeat(128)}`, size: 1 } } },
      'expected "sha256:"',
    ],
    ['a negative size', { urls: { 'https://h/x': { digest: DIGEST, size: -1 } } }, 'a number of at least 0'],
    ['half a byte', { urls: { 'https://h/x': { digest: DIGEST, size: 1.5 } } }, 'a whole number'],
    ['a size as text', { urls: { 'https://h/x': { digest: DIGEST, size: '1' } } }, 'expected a number'],
    [
      'a size beyond all disks',
      { urls: { 'https://h/x': { digest: DIGEST, size: 2 ** 60 } } },
      'a number up to 9007199254740991',
    ],
    [
      'a pin with more in it',
      { urls: { 'https://h/x': { digest: DIGEST, size: 1, url: 'x' } } },
      'no such key',
    ],
    ['a file address', { urls: { 'file:///etc/passwd': null } }, 'a key is not an http or https URL'],
    ['an address that is not written plainly', { urls: { 'https://H/a/../x': null } }, 'a key is not'],
    ['an answer of two words', { answers: { 'https://h/x': 'v1 v2' } }, 'a word of at most 64 characters'],
    [
      'an image of another type',
      { references: { 'docker.io/library/x:1': { mediaType: 'text/html', digest: DIGEST, size: 1 } } },
      '"application/vnd.oci.image.index.v1+json"',
    ],
    [
      'a release of something else',
      { k3s: { channels: {}, releases: { 'v1.30.6+rke2r1': 'amd64' } } },
      'the tag of a release of K3s',
    ],
    [
      'architectures out of order',
      { k3s: { channels: {}, releases: { 'v1.30.6+k3s1': 'arm64 amd64' } } },
      '"amd64 arm64"',
    ],
    [
      'a channel that leads nowhere',
      { k3s: { channels: { stable: '../x' }, releases: {} } },
      'the tag of a release of K3s',
    ],
  ])('refuses %s', async (_, more, expected) => {
    expect((await refusalOf(more)).join('\n')).toContain(expected);
  });

  it('reports everything that is wrong at once', async () => {
    expect(await refusalOf({ name: 7, urls: [], references: { x: 1 } })).toHaveLength(3);
  });

  it('repeats no credential that someone wrote into it', async () => {
    const key = 'https://me:s3cret@example.com/x?token=s3cret';
    const pin = { digest: DIGEST, size: 1 };
    const single = JSON.stringify({ ...EMPTY, urls: { [key]: pin }, answers: { [key]: 'v1' }, [key]: 1 });
    const twice = JSON.stringify(EMPTY).replace('"urls":{', `"urls":{"${key}":null,"${key}":null`);
    for (const text of [single, twice]) {
      const told = (await refusal(text)).join('\n');
      expect(told).toContain(':1:');
      expect(told).not.toContain('s3cret');
    }
  });

  it.each([
    ['nothing', ''],
    ['YAML', 'lock: 1\nname: lab\n'],
    ['JSON with comments', '{"lock": 1} // mine'],
    ['a truncated lock', encodeLock(sampleLock()).slice(0, 300)],
    ['a binary', '\u0001\u0002\u0003'],
  ])('refuses %s as no JSON, and says how to go on', async (_, text) => {
    const error = await failureOf(() => parseWholeLock(text, FILE));
    expect(error.message).toMatch(/^Cannot read lock "lab\.lock\.json": it is not JSON/);
    expect(error.hint).toContain('bundle lock SPEC');
  });

  it('names the place where a merge was left unfinished', async () => {
    const text = encodeLock(sampleLock()).replace('  "urls"', '<<<<<<< HEAD\n  "urls"');
    expect((await refusal(text))[0]).toContain('it is not JSON (line 8, column 1)');
  });

  it('refuses a later version for that alone [B-LOCK-5]', async () => {
    const [message, ...problems] = await refusal('{"lock": 2, "pins": []}');
    expect([message, problems]).toEqual([
      `Cannot read lock "${FILE}": it is of version 2, and this program reads version 1`,
      [],
    ]);
  });

  it.each([
    ['a list', '[]'],
    ['null', 'null'],
    ['a number', '1'],
    ['a version that is no number', JSON.stringify({ ...EMPTY, lock: '1' })],
  ])('refuses %s', async (_, text) => {
    expect((await refusal(text)).length).toBeGreaterThan(1);
  });

  it.each([
    ['lists within lists', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['objects within objects', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`],
  ])('refuses %s without end before it parses them', async (_, text) => {
    expect((await refusal(text)).join('\n')).toContain('it is nested more than 64 deep');
  });

  it('takes nothing from a key that JavaScript has a meaning for', () => {
    const text = JSON.stringify(EMPTY).replace('"urls":{', '"urls":{"__proto__":{"https://h/x":null}');
    const { urls } = parseWholeLock(text, FILE);
    expect(urls.has('https://h/x')).toBe(false);
  });
});
