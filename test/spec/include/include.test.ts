import { describe, expect, it } from 'vitest';
import { joinedSpec, problemsOfSpec, type SpecFiles } from '../../support/sites/included-spec.ts';

const HEAD = 'bundle: 1\nname: lab\n';
const BASE = 'bundle: 1\nname: base\n';

describe('a spec that includes another', () => {
  it.each<[string, SpecFiles, object]>([
    [
      'has the content of both, what is included first',
      {
        'lab.yaml': `${HEAD}include: [base.yaml]\nimages: [busybox]\n`,
        'base.yaml': `${BASE}images: [alpine]\n`,
      },
      { images: ['alpine', 'busybox'] },
    ],
    [
      'may have nothing of its own',
      { 'lab.yaml': `${HEAD}include: [base.yaml]\n`, 'base.yaml': 'bundle: 1\nimages: [alpine]\n' },
      { images: ['alpine'] },
    ],
    [
      'takes settings from wherever they are, if they are the same everywhere',
      {
        'lab.yaml': `${HEAD}include: [base.yaml]\nplatforms: [linux/arm64, linux/amd64]\nimages: [a]\n`,
        'base.yaml': `${BASE}platforms: [linux/amd64, linux/arm64]\nsignatures: false\n`,
      },
      { images: ['a'], platforms: ['linux/arm64', 'linux/amd64'], signatures: false },
    ],
    [
      'joins mappings key by key',
      {
        'lab.yaml': `${HEAD}include: [base.yaml]\nk3s: { versions: [v1.31.2+k3s1], architectures: [amd64] }\n`,
        'base.yaml': `${BASE}k3s: { versions: [v1.30.6+k3s1], architectures: [amd64] }\nrancher: { version: v2.9.2 }\n`,
      },
      {
        k3s: { versions: ['v1.30.6+k3s1', 'v1.31.2+k3s1'], architectures: ['amd64'] },
        rancher: { version: 'v2.9.2', windows: false },
      },
    ],
    [
      'keeps its own name, and what is told about it',
      {
        'lab.yaml': `${HEAD}include: [base.yaml]\nabout: { title: Lab }\nimages: [a]\n`,
        'base.yaml': `${BASE}about: { title: Base, contact: me }\n`,
      },
      { about: { title: 'Lab' }, images: ['a'] },
    ],
    [
      'sees paths from the folder of the file that they are in',
      {
        'lab.yaml': `${HEAD}include: [site/base.yaml]\nimageLists: [own.txt]\n`,
        'site/base.yaml': `${BASE}include: [deep/more.yaml]\nimageLists: [./list.txt, /abs.txt]\nimages: [{ archive: ./app.tar }]\nfiles: [{ path: ../tool }]\n`,
        'site/deep/more.yaml':
          'bundle: 1\ncharts: [{ path: app.tgz, values: ../values.yaml }]\nregistries: { configs: { h: { tls: { ca_file: ca.crt } } } }\n',
      },
      {
        imageLists: ['site/list.txt', '/abs.txt', 'own.txt'],
        images: [{ archive: 'site/app.tar' }],
        files: [{ path: 'tool' }],
        charts: [{ path: 'site/deep/app.tgz', values: 'site/values.yaml', render: false, exclude: [] }],
        registries: { configs: { h: { tls: { ca_file: 'site/deep/ca.crt' } } } },
      },
    ],
    [
      'leaves the paths of a file beside it as they are written',
      {
        'lab.yaml': `${HEAD}include: [./base.yaml]\n`,
        'base.yaml': `${BASE}imageLists: [./list.txt]\n`,
      },
      { imageLists: ['./list.txt'] },
    ],
    [
      'takes a file once that several others include',
      {
        'lab.yaml': `${HEAD}include: [a.yaml, b.yaml, ./a.yaml]\n`,
        'a.yaml': `${BASE}include: [c.yaml]\nimages: [a]\n`,
        'b.yaml': `${BASE}include: [c.yaml]\nimages: [b]\n`,
        'c.yaml': `${BASE}images: [c]\n`,
      },
      { images: ['c', 'a', 'b'] },
    ],
  ])('%s', async (_, files, expected) => {
    expect(await joinedSpec(files)).toEqual(expected);
  });
});

describe('a spec that includes something wrong', () => {
  it.each<[string, SpecFiles, readonly RegExp[]]>([
    [
      'names both places of a setting that differs',
      {
        'lab.yaml': `${HEAD}include: [base.yaml]\nplatforms: [linux/amd64]\nimages: [a]\nk3s: { versions: [v1.30.6+k3s1], architectures: [amd64] }\n`,
        'base.yaml': `${BASE}platforms: [linux/arm64]\nk3s: { versions: [v1.30.6+k3s1], architectures: [arm64] }\n`,
      },
      [
        /^Cannot read "platforms" at lab\.yaml:4:12: it contradicts base\.yaml:3:12 \| /,
        /^Cannot read "k3s\.architectures" at lab\.yaml:6:49: it contradicts base\.yaml:4:49/,
      ],
    ],
    [
      'shows no credential that differs',
      {
        'lab.yaml': `${HEAD}include: [base.yaml]\nimages: [a]\nregistries: { configs: { h: { auth: { password: s3cret } } } }\n`,
        'base.yaml': `${BASE}registries: { configs: { h: { auth: { password: other } } } }\n`,
      },
      [/^(?!.*s3cret)(?!.*other).*auth\.password" at lab\.yaml:5:49: it contradicts base\.yaml:3:49/],
    ],
    [
      'names the place in the included file, by the path that a value has there',
      {
        'lab.yaml': `${HEAD}include: [base.yaml]\nimages: [a, b]\n`,
        'base.yaml': `${BASE}images:\n  - a\n  - 7\nimage: x\nrancher: { version: latest }\nk3s: { verions: [x] }\n`,
      },
      [
        /^Cannot read "images\[1\]" at base\.yaml:5:5: expected text or a mapping, found the number 7/,
        /^Cannot read key "image" at base\.yaml:6:1: there is no such key \| Did you mean "images"/,
        /^Cannot read "rancher\.version" at base\.yaml:7:21: expected a release/,
        /"k3s" at base\.yaml:8:6: the key "versions" is missing/,
        /"k3s" at base\.yaml:8:6: the key "architectures" is missing/,
        /^Cannot read key "verions" at base\.yaml:8:8: there is no such key in "k3s"/,
      ],
    ],
    [
      'names a file that is missing, and where it is named',
      { 'lab.yaml': `${HEAD}include:\n  - nope.yaml\nimages: [a]\n` },
      [/^Cannot read included file "nope\.yaml": there is no such file \| It is named at lab\.yaml:4:5\./],
    ],
    [
      'is told of a file that includes itself, by way of others too',
      {
        'lab.yaml': `${HEAD}include: [a.yaml]\nimages: [a]\n`,
        'a.yaml': `${BASE}include: [b.yaml]\n`,
        'b.yaml': `${BASE}include: [./a.yaml, lab.yaml]\n`,
      },
      [
        /^Cannot read included file "\.\/a\.yaml" at b\.yaml:3:11: it includes itself: "a\.yaml" → "b\.yaml" → "a\.yaml"/,
        /^Cannot read included file "lab\.yaml" at b\.yaml:3:21: it includes itself: "lab\.yaml" → "a\.yaml" → "b\.yaml" → "lab\.yaml"/,
      ],
    ],
    [
      'is told of broken YAML, of what is no mapping, and of files that it does not know',
      {
        'lab.yaml': `${HEAD}include: [broken.yaml, list.yaml, other.yaml, empty.yaml, twice.yaml]\nimages: [a]\n`,
        'broken.yaml': 'bundle: 1\nimages: [a\n',
        'list.yaml': '- a\n',
        'other.yaml': 'kind: Pod\n',
        'empty.yaml': '# nothing\n',
        'twice.yaml': 'bundle: 1\nimages: [a]\nimages: [b]\n',
      },
      [
        /^Cannot read included file at broken\.yaml:3:1: the YAML is broken/,
        /^Cannot read included file at list\.yaml:1:1: it is neither a spec nor/,
        /^Cannot read included file at other\.yaml:1:1: it is neither .* \| A spec begins with "bundle: 1"\. .*ImageSetConfiguration/,
        /^Cannot read included file "empty\.yaml" at lab\.yaml:3:47: it is empty/,
        /^Cannot read included file at twice\.yaml:3:1: the key "images" appears twice/,
      ],
    ],
    [
      'is told of a second document behind an included spec',
      {
        'lab.yaml': `${HEAD}include: [two.yaml]\nimages: [a]\n`,
        'two.yaml': 'bundle: 1\nimages: [a]\n---\nbundle: 1\nimages: [b]\n',
      },
      [/^Cannot read included file at two\.yaml:4:1: a second YAML document begins here/],
    ],
    [
      'is told of a version of the format that is not known',
      { 'lab.yaml': `${HEAD}include: [new.yaml]\nimages: [a]\n`, 'new.yaml': 'bundle: 2\n' },
      [/^Cannot read "bundle" at new\.yaml:1:9: expected 1, found the number 2 \| .* later Saddlebag/],
    ],
    [
      'must name files',
      { 'lab.yaml': `${HEAD}include: base.yaml\nimages: [a]\n` },
      [/^Cannot read "include" at lab\.yaml:3:10: expected a list, found "base\.yaml"/],
    ],
    [
      'takes no web address',
      { 'lab.yaml': `${HEAD}include: ["https://lab.example/base.yaml"]\nimages: [a]\n` },
      [/^Cannot read "include\[0\]" at lab\.yaml:3:11: it is a web address, and not a path/],
    ],
    [
      'asks for nothing if what it includes does not either',
      { 'lab.yaml': `${HEAD}include: [base.yaml]\n`, 'base.yaml': BASE },
      [/^Cannot read spec at lab\.yaml:1:1: it asks for nothing to be bundled/],
    ],
  ])('%s', async (_, files, expected) => {
    expect(await problemsOfSpec(files)).toEqual(expected.map((each) => expect.stringMatching(each)));
  });

  it('reads files that include each other at most eight deep', async () => {
    const chain = Array.from({ length: 10 }, (_, index) => [
      `${index}.yaml`,
      `bundle: 1\ninclude: [${index + 1}.yaml]\n`,
    ]);
    const files = { 'lab.yaml': `${HEAD}include: [0.yaml]\nimages: [a]\n`, ...Object.fromEntries(chain) };
    expect(await problemsOfSpec(files)).toEqual([
      expect.stringMatching(/^Cannot read included file "8\.yaml" at 7\.yaml:2:11: .* more than 8 deep/),
    ]);
  });

  it('reads at most a hundred files', async () => {
    const names = Array.from({ length: 101 }, (_, index) => `${index}.yaml`);
    const files = {
      'lab.yaml': `${HEAD}include: [${names.join(', ')}]\nimages: [a]\n`,
      ...Object.fromEntries(names.map((name) => [name, BASE])),
    };
    expect(await problemsOfSpec(files)).toEqual([
      expect.stringMatching(
        /^Cannot read included file "100\.yaml" at .*: a spec includes at most 100 files/,
      ),
    ]);
  });

  it('reads at most 16 MiB of them', async () => {
    const names = Array.from({ length: 6 }, (_, index) => `${index}.yaml`);
    const comment = `# ${'x'.repeat(3 * 1024 * 1024)}\n`;
    const files = {
      'lab.yaml': `${HEAD}include: [${names.join(', ')}]\nimages: [a]\n`,
      ...Object.fromEntries(names.map((name) => [name, BASE + comment])),
    };
    expect(await problemsOfSpec(files)).toEqual([
      expect.stringMatching(/^Cannot read included file "5\.yaml" at .* more than 16\.0 MiB in all/),
    ]);
  });
});
