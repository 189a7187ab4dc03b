import { assert, nat, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemsError } from '../../src/internal/problems.ts';
import { parseWhole } from '../support/sites/spec-document.ts';
import { failureOf, problemsIn } from '../support/failure.ts';

const HEAD = 'bundle: 1\nname: lab\n';

describe('parseSpec', () => {
  it('reads the spec of the contract', () => {
    const { value } = parseWhole(
      [
        'bundle: 1',
        'name: lab',
        'platforms: [linux/amd64]',
        'images:',
        '  - rancher/rancher:v2.9.2',
        '  - reference: quay.io/jetstack/cert-manager-controller:v1.15.3',
        '    platforms: [linux/amd64, linux/arm64]',
        'imageLists: [./rancher-images.txt]',
        'rancherDesktop:',
        '  versions: [v1.30.6+k3s1, 1.31.2, stable]',
        '  platforms: [windows/amd64, darwin/arm64, linux/amd64]',
        '  kubectl: minimal',
        'k3s:',
        '  versions: [v1.30.6+k3s1]',
        '  architectures: [amd64, arm64]',
        'kubectl:',
        '  versions: [1.29.3]',
        '  platforms: [linux/amd64]',
        'files:',
        '  - url: https://example.com/tool.tar.gz',
        'registries:',
        '  mirrors:',
        '    docker.io: { endpoint: ["http://127.0.0.1:5000"] }',
        '    registry.k8s.io:',
        '  configs:',
        '    "harbor.example:8443": { auth: { username: u, password: "${P}" }, tls: { ca_file: ./ca.crt } }',
        'upstreams:',
        '  kubernetes: https://mirror.example/k8s',
      ].join('\n'),
      'lab.yaml',
    );
    expect(value).toMatchObject({
      platforms: ['linux/amd64'],
      images: ['rancher/rancher:v2.9.2', { reference: 'quay.io/jetstack/cert-manager-controller:v1.15.3' }],
      rancherDesktop: { versions: ['v1.30.6+k3s1', '1.31.2', 'stable'], kubectl: 'minimal' },
      registries: { mirrors: { 'registry.k8s.io': null } },
      upstreams: { kubernetes: 'https://mirror.example/k8s' },
    });
  });

  it('fills in what is left out', () => {
    const { value } = parseWhole(
      `${HEAD}images: [busybox]\nrancherDesktop: {versions: [stable], platforms: [linux/amd64]}`,
      'a',
    );
    expect(value).toMatchObject({ imageLists: [], files: [], rancherDesktop: { kubectl: 'per-version' } });
    expect(value.upstreams['k3sChannels']).toBe('https://update.k3s.io/v1-release/channels');
    expect(value['platforms']).toBeUndefined();
  });

  it('takes Windows line ends, a byte order mark and YAML anchors', () => {
    const text =
      '\uFEFFbundle: 1\r\nname: lab\r\nk3s: {versions: &v [stable], architectures: [amd64]}\r\nkubectl: {versions: *v, platforms: [linux/amd64]}\r\n';
    expect(parseWhole(text, 'a').value).toMatchObject({ kubectl: { versions: ['stable'] } });
  });

  it('tells where each part is written', () => {
    const { placeOf } = parseWhole(`${HEAD}images:\n  - busybox\n  - alpine\n`, 'lab.yaml');
    expect(placeOf(['images', 1])).toEqual({ file: 'lab.yaml', line: 5, column: 5 });
  });
});

describe('parseSpec on a wrong spec', () => {
  const problems = async (text: string): Promise<readonly string[]> =>
    problemsIn(await failureOf(() => parseWhole(text, 'lab.yaml')));

  it('names an unknown key, its line and the nearest known one', async () => {
    expect(await problems(`${HEAD}imges: [busybox]\n`)).toEqual([
      'Cannot read key "imges" at lab.yaml:3:1: there is no such key | Did you mean "images"?',
    ]);
  });

  it('knows the keys of the place the unknown one is at', async () => {
    expect(await problems(`${HEAD}images:\n  - reference: busybox\n    platfroms: [linux/amd64]\n`)).toEqual([
      'Cannot read key "platfroms" at lab.yaml:5:5: there is no such key in "images[0]" | Did you mean "platforms"?',
    ]);
    expect(
      await problems(`${HEAD}images: [busybox]\nregistries:\n  mirrors:\n    docker.io: {endpiont: [x]}\n`),
    ).toEqual([
      `Cannot read key "endpiont" at lab.yaml:6:17: there is no such key in "registries.mirrors['docker.io']" | Did you mean "endpoint"?`,
    ]);
  });

  it('lists the known keys when none is near', async () => {
    expect(await problems(`${HEAD}images:\n  - reference: busybox\n    zzzzzzzzzz: 1\n`)).toEqual([
      'Cannot read key "zzzzzzzzzz" at lab.yaml:5:5: there is no such key in "images[0]" | Known keys here: reference, platforms, tags, archive, images, engine, id.',
    ]);
  });

  it('advises quotes for a version that YAML takes for a number', async () => {
    expect(await problems(`${HEAD}kubectl: {versions: [1.30, 1.31.2], platforms: [linux/amd64]}\n`)).toEqual([
      'Cannot read "kubectl.versions[0]" at lab.yaml:3:22: expected text, found the number 1.3 | ' +
        'Write "1.30" in quotes: without them YAML reads the number 1.3.',
    ]);
  });

  it('says that a spec of a later version needs a later program, and nothing of the kind for one of none', async () => {
    expect(await problems('bundle: 2\nname: lab\n')).toEqual([
      'Cannot read "bundle" at lab.yaml:1:9: expected 1, found the number 2 | ' +
        'This program reads version 1: a later one needs a later Saddlebag.',
    ]);
    for (const version of ['0', 'one', '"2"', 'null', '-3'])
      expect((await problems(`bundle: ${version}\nname: lab\n`))[0]).not.toContain('later');
  });

  it.each([
    ['files: [./notes.txt]', 'expected a mapping, found "./notes.txt" | Write "path: ./notes.txt".'],
    [
      'files: [https://example.com/x]',
      'expected a mapping, found "https://example.com/x" | Write "url: https://example.com/x".',
    ],
    [
      'files: [{url: ./notes.txt}]',
      'expected an http or https URL, found "./notes.txt" | Write "path: ./notes.txt".',
    ],
    ['charts: [./app.tgz]', 'expected a mapping, found "./app.tgz" | Write "path: ./app.tgz".'],
    [
      'charts: ["oci://ghcr.io/lab/app:1"]',
      'expected a mapping, found "oci://ghcr.io/lab/app:1" | Write "reference: oci://ghcr.io/lab/app:1".',
    ],
  ])('says which key is missing in %s', async (text, sentence) => {
    const [problem = ''] = await problems(HEAD + text);
    expect(problem).toContain(sentence);
  });

  it.each(['files: [ftp://example.com/x]', 'k3s: stable', 'files: [{url: ftp://x/y}]'])(
    'guesses no key in %s',
    async (text) => {
      expect((await problems(HEAD + text))[0]).not.toContain(' | Write "');
    },
  );

  it('says that a version in quotes is none', async () => {
    expect((await problems('bundle: "1"\nname: lab\nimages: [busybox]\n'))[0]).toContain(
      '| Write it without quotes.',
    );
  });

  it('reports everything at once, from top to end', async () => {
    const found = await problems(
      [
        'bundle: 2',
        'name: Lab!',
        'platforms: [linux]',
        'images: busybox',
        'imageLists: []',
        'k3s:',
        'files: [{url: ftp://example.com/x, sha256: ABC, name: ../x}]',
        'nmae: lab',
        'nmae: lab',
      ].join('\n'),
    );
    expect(found.map((line) => /lab\.yaml:\d+/.exec(line)?.[0])).toEqual(
      [1, 2, 3, 4, 6, 7, 7, 7, 8, 9].map((line) => `lab.yaml:${line}`),
    );
    expect(found[3]).toMatch(/expected a list, found "busybox" \| Write each entry on a line of its own/);
    expect(found[4]).toMatch(/expected a mapping, found nothing \| Indent the keys that belong to it/);
    expect(found[9]).toMatch(/the key "nmae" appears twice/);
  });

  it('says that a key is missing', async () => {
    expect(await problems('bundle: 1\nimages: [{platforms: [linux/amd64]}]\n')).toEqual([
      'Cannot read spec at lab.yaml:1:1: the key "name" is missing, expected text',
      'Cannot read "images[0]" at lab.yaml:2:10: the key "reference" is missing, expected text',
    ]);
  });

  it('says which types an image may have', async () => {
    expect(await problems(`${HEAD}images: [5, [busybox]]\n`)).toEqual([
      'Cannot read "images[0]" at lab.yaml:3:10: expected text or a mapping, found the number 5 | Write "5" in quotes: without them YAML reads the number 5.',
      'Cannot read "images[1]" at lab.yaml:3:13: expected text or a mapping, found a list',
    ]);
  });

  it('refuses references and platforms that cannot be read, where they are written', async () => {
    expect(
      await problems(
        `${HEAD}images:\n  - Rancher/rancher\n  - {reference: busybox, platforms: [amd64]}\n  - ""\n`,
      ),
    ).toEqual([
      'Cannot read "images[0]" at lab.yaml:4:5: "Rancher" is not a repository name | Repository names are lower-case.',
      'Cannot read "images[1].platforms[0]" at lab.yaml:5:38: expected OS/ARCHITECTURE[/VARIANT] | Write for example "linux/amd64", "linux/arm/v7" or "windows/amd64".',
      'Cannot read "images[2]" at lab.yaml:6:5: expected text that is not empty, found ""',
    ]);
  });

  it('refuses a spec that asks for nothing', async () => {
    expect(await problems(`${HEAD}images: []\n`)).toEqual([
      'Cannot read spec at lab.yaml:1:1: it asks for nothing to be bundled | ' +
        'Add one or more of: images, imageLists, rancher, charts, manifests, rancherDesktop, k3s, rke2, kubectl, openshift, files.',
    ]);
  });

  it('repeats nothing of a credential', async () => {
    const auth = 'registries: {configs: {h: {auth: {username: [s3cret], password: 73313, tokn: s3cret}}}}';
    const found = (await problems(`${HEAD}images: [busybox]\n${auth}\n`)).join('\n');
    expect(found).toMatch(/auth\.password" at lab\.yaml:4:\d+: expected text, found another value/);
    expect(found).not.toMatch(/s3cret|73313/);
    for (const value of ['*s3cret', '!s3cret x', '@s3cret', '|s3cret', '"a\\s3cret"', '{s3cret']) {
      const broken = await problems(
        `${HEAD}images: [busybox]\nregistries:\n  configs: {h: {auth: {password: ${value}}}}\n`,
      );
      expect(broken.join('\n')).toMatch(/lab\.yaml:\d+:\d+/);
      expect(broken.join('\n')).not.toMatch(/s3cret/);
    }
  });

  it('refuses half a client certificate and a rewrite that is not a pattern', async () => {
    const registries =
      'registries: {mirrors: {docker.io: {rewrite: {"(": x}}}, configs: {h: {tls: {cert_file: a}}}}';
    const found = await problems(`${HEAD}images: [busybox]\n${registries}\n`);
    expect(found).toHaveLength(2);
    expect(found[0]).toMatch(/rewrite\['\('\]" at lab\.yaml:4:\d+: it is not a regular expression/);
    expect(found[1]).toMatch(/"cert_file" and "key_file" go together/);
  });
});

describe('parseSpec on text that is not a spec', () => {
  const first = async (text: string): Promise<string | undefined> =>
    problemsIn(await failureOf(() => parseWhole(text, 'lab.yaml')))[0];

  it('names the line where the YAML breaks', async () => {
    expect(await first(`${HEAD}images: [busybox\nk3s: {}\n`)).toMatch(
      /at lab\.yaml:\d+:\d+: the YAML is broken \(/,
    );
    expect(await first(`${HEAD}\timages: x\n`)).toMatch(/at lab\.yaml:3:/);
  });

  it('refuses a second document, an empty file, a list and plain text', async () => {
    expect(await first(`${HEAD}---\na: 1\n`)).toMatch(/lab\.yaml:3:1: a second YAML document begins here/);
    expect(await first('')).toMatch(/expected a mapping, found nothing/);
    expect(await first('# only a comment\n')).toMatch(/expected a mapping, found nothing/);
    expect(await first('- a\n')).toMatch(/expected a mapping, found a list/);
    expect(await first('hello')).toMatch(/expected a mapping, found "hello"/);
  });

  it('refuses a bomb of aliases instead of unfolding it', async () => {
    const levels = 'bcdefghi'.split('').map((name, index) => {
      const below = `*${'abcdefgh'.charAt(index)}`;
      return `${name}: &${name} [${Array.from({ length: 9 }, () => below).join(',')}]`;
    });
    expect(await first(`a: &a [x]\n${levels.join('\n')}\n`)).toMatch(/it uses too many aliases/);
  });

  it('refuses anchors and aliases by the ten thousand, and tells of those that name nothing', async () => {
    const numbers = Array.from({ length: 10_000 }, (_, number) => number);
    const anchors = numbers.map((number) => `&a${number} a`).join(', ');
    const aliases = numbers.map((number) => `*a${number}`).join(', ');
    expect(await first(`${HEAD}images: [${anchors}]\nimageLists: [${aliases}]\n`)).toMatch(
      /it uses too many aliases/,
    );
    expect(await first(`${HEAD}images: [*a, &a b, *a]\n`)).toMatch(
      /at lab\.yaml:3:10: the alias names nothing before it/,
    );
  });

  it('refuses what is indented with tabs, and names its line', async () => {
    expect(await first(`${HEAD}images:\n\t- busybox\n`)).toMatch(/at lab\.yaml:4:/);
    expect(await first(`${HEAD}k3s:\n\tversions: [stable]\n`)).toMatch(/at lab\.yaml:4:/);
  });

  it('survives nesting that is deeper than the stack', async () => {
    expect(await first(`${HEAD}images: ${'['.repeat(100_000)}`)).toMatch(/lab\.yaml:\d+:\d+: /);
  });

  it('takes keys that JavaScript finds special for what they are: unknown', async () => {
    expect(await first(`${HEAD}images: [a]\n__proto__: {polluted: true}\n`)).toMatch(
      /key "__proto__" at lab\.yaml:4:1/,
    );
    expect(await first(`${HEAD}images: [a]\nconstructor: x\n`)).toMatch(/key "constructor" at lab\.yaml:4:1/);
  });
});

describe('parseSpec on anything at all', () => {
  const SAMPLE = `${HEAD}images: [busybox, {reference: "a/b:1", platforms: [linux/amd64]}]\nk3s: {versions: [stable], architectures: [amd64]}\n`;

  it('reads it, or fails with problems that each have a place', () => {
    const anywhere = nat({ max: SAMPLE.length });
    const noise = string({ unit: 'binary', maxLength: 8 });
    assert(
      property(anywhere, anywhere, noise, (from, length, put) =>
        isReadOrExplained(SAMPLE.slice(0, from) + put + SAMPLE.slice(from + length)),
      ),
      { numRuns: 300 },
    );
  });
});

function isReadOrExplained(text: string): boolean {
  try {
    return parseWhole(text, 'lab.yaml').value.bundle === 1;
  } catch (error) {
    if (!(error instanceof ProblemsError) || error.problems.length === 0) throw error;
    return error.problems.every(({ message }) => / at lab\.yaml:\d+:\d+: /.test(message));
  }
}
