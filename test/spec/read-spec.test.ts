import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readLists } from '../../src/sources/images/wish.ts';
import type { SpecPart } from '../../src/spec/part.ts';
import { readSpec } from '../../src/spec/read-spec.ts';
import { failureOf, problemsIn } from '../support/failure.ts';
import { temporaryFolder } from '../support/temporary.ts';

const HEAD = 'bundle: 1\nname: lab\n';
/** Parts of a test's own: lists of images, and names of images. */
const PARTS: readonly SpecPart<readonly string[]>[] = [
  {
    keys: { imageLists: z.array(z.string()).default([]) },
    content: ['imageLists'],
    upstreams: [],
    sections: [],
    load: async ({ imageLists }, files) => await readLists(z.array(z.string()).parse(imageLists), files),
  },
  {
    keys: { images: z.array(z.string()).default([]) },
    content: ['images'],
    upstreams: [],
    sections: [],
    load: async () => [],
  },
];
let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder.path, name);
  writeFileSync(path, content);
  return path;
}

describe('readSpec', () => {
  it('reads the image lists from the folder of the spec, in order', async () => {
    mkdirSync(join(folder.path, 'lists'));
    write('lists/one.txt', 'busybox\nalpine');
    write('two.txt', '# two\r\nbusybox\r\n');
    const path = write('lab.yaml', `${HEAD}imageLists: [lists/one.txt, ./two.txt]\n`);
    const { spec, parts, registries } = await readSpec(path, PARTS, { env: {} });
    expect(spec.name).toBe('lab');
    expect(parts).toEqual([['busybox', 'alpine', 'busybox'], []]);
    expect(registries).toEqual({});
  });

  it('reads what Windows PowerShell writes: UTF-16 with a byte order mark', async () => {
    write('list.txt', Buffer.from('\uFEFFbusybox\r\nalpine\r\n', 'utf16le'));
    write('swapped.txt', Buffer.from('\uFEFFnginx\r\n', 'utf16le').swap16());
    const path = write(
      'lab.yaml',
      Buffer.from(`\uFEFF${HEAD}imageLists: [list.txt, swapped.txt]`, 'utf16le'),
    );
    const { parts } = await readSpec(path, PARTS, { env: {} });
    expect(parts[0]).toEqual(['busybox', 'alpine', 'nginx']);
  });

  it('expands variables in credentials alone, and takes certificates from the folder of the spec', async () => {
    const path = write(
      'lab.yaml',
      [
        `${HEAD}images: [busybox]`,
        'registries:',
        '  mirrors: { docker.io: { endpoint: ["http://127.0.0.1:5000/${USER}"], rewrite: { "^a(.*)": "b/${X}" } } }',
        '  configs:',
        '    "h:1": { auth: { username: "${USER}", password: "a${PASS}-${PASS}$b" }, tls: { ca_file: ca.crt } }',
      ].join('\n'),
    );
    const { registries } = await readSpec(path, PARTS, { env: { USER: 'u', PASS: 'p${USER}' } });
    expect(registries.configs?.['h:1']).toEqual({
      auth: { username: 'u', password: 'ap${USER}-p${USER}$b' },
      tls: { ca_file: join(folder.path, 'ca.crt') },
    });
    expect(registries.mirrors).toEqual({
      'docker.io': { endpoint: ['http://127.0.0.1:5000/${USER}'], rewrite: { '^a(.*)': 'b/${X}' } },
    });
  });

  it('reads registries from a file, its certificates from that folder', async () => {
    mkdirSync(join(folder.path, 'etc'));
    write(
      'etc/registries.yaml',
      'configs: {"h:1": {tls: {ca_file: ca.crt, cert_file: /abs/c, key_file: k}}}\n',
    );
    const path = write('lab.yaml', `${HEAD}images: [busybox]\nregistries: etc/registries.yaml\n`);
    const { registries } = await readSpec(path, PARTS, { env: {} });
    expect(registries.configs?.['h:1']?.tls).toEqual({
      ca_file: join(folder.path, 'etc', 'ca.crt'),
      cert_file: '/abs/c',
      key_file: join(folder.path, 'etc', 'k'),
    });
  });

  it('prefers the registries file that is given to it', async () => {
    const given = write('given.yaml', 'mirrors: {quay.io: {endpoint: [http://127.0.0.1:1]}}\n');
    const path = write('lab.yaml', `${HEAD}images: [busybox]\nregistries: nowhere.yaml\n`);
    const { registries } = await readSpec(path, PARTS, { env: {}, registriesFile: given });
    expect(registries.mirrors).toHaveProperty(['quay.io']);
  });

  it.each(['given', 'named by the spec'])(
    'warns of what K3s would take otherwise in a registries file that is %s',
    async (how) => {
      const file = write('doubtful.yaml', 'mirrors: {quay.io: {endpoint: ["harbor.lab/mirror"]}}\n');
      const isGiven = how === 'given';
      const path = write(
        'lab.yaml',
        `${HEAD}images: [busybox]\n${isGiven ? '' : 'registries: doubtful.yaml\n'}`,
      );
      const messages: string[] = [];
      await readSpec(path, PARTS, {
        env: {},
        registriesFile: isGiven ? file : undefined,
        onFinding: ({ level, message }) => messages.push(`${level} ${message}`),
      });
      expect(messages).toEqual([
        expect.stringMatching(/^warning .*doubtful\.yaml:1:32: .* it has no scheme/),
        expect.stringMatching(/^warning .*doubtful\.yaml:1:32: .* under "\/mirror" and not under "\/v2"$/),
      ]);
    },
  );
});

describe('readSpec with something missing or wrong', () => {
  it.each([
    ['there is no such file', () => join(folder.path, 'nope.yaml')],
    ['it is a folder', () => folder.path],
    ['it is not a text file', () => write('binary', Buffer.from([0xc3, 0x28, 0x00]))],
    ['it is not a text file', () => write('zeros', Buffer.alloc(10))],
    ['it is larger than 4.0 MiB', () => write('large', Buffer.alloc(4 * 1024 * 1024 + 1, 'a'))],
  ])('says that %s', async (fact, path) => {
    const error = await failureOf(async () => await readSpec(path(), PARTS, { env: {} }));
    expect(error.code).toBe('ERR_SPEC_UNREADABLE');
    expect(error.message).toContain(`: ${fact}`);
    expect(error.hint).toMatch(/bundle build/);
  });

  it('reports the problems of every file in one go', async () => {
    write('bad.txt', 'busybox\nNope\n');
    write('registries.yaml', 'mirors: {}\n');
    const path = write(
      'lab.yaml',
      `${HEAD}imageLists:\n  - bad.txt\n  - missing.txt\nregistries: registries.yaml\n`,
    );
    const error = await failureOf(async () => await readSpec(path, PARTS, { env: {} }));
    expect(error.code).toBe('ERR_SPEC_INVALID');
    expect(problemsIn(error)).toEqual([
      expect.stringMatching(/"Nope" at bad\.txt:2: /),
      expect.stringMatching(
        /Cannot read image list ".*missing\.txt": there is no such file \| It is named at .*lab\.yaml:5:5/,
      ),
      expect.stringMatching(
        /Cannot read key "mirors" at .*registries\.yaml:1:1: .* \| Did you mean "mirrors"\?/,
      ),
    ]);
  });

  it('keeps the code of the lists when only lists are wrong', async () => {
    write('bad.txt', 'Nope\n');
    const path = write('lab.yaml', `${HEAD}imageLists: [bad.txt, bad.txt]\n`);
    expect((await failureOf(async () => await readSpec(path, PARTS, { env: {} }))).code).toBe(
      'ERR_LIST_INVALID',
    );
  });

  it('names every variable that is not set, its place, and no value', async () => {
    const path = write(
      'lab.yaml',
      `${HEAD}images: [busybox]\nregistries:\n  configs:\n    "h:1":\n      auth: { username: "me\${A}", password: "s3cret\${B}" }\n`,
    );
    const error = await failureOf(async () => await readSpec(path, PARTS, { env: { C: 'x' } }));
    expect(error.code).toBe('ERR_CREDENTIALS_INVALID');
    const problems = problemsIn(error);
    expect(problems).toHaveLength(2);
    expect(problems[0]).toMatch(
      /configs\['h:1'\]\.auth\.username" at .*lab\.yaml:7:25: the environment variable "A" is not set/,
    );
    expect(problems[1]).toMatch(/lab\.yaml:7:\d+: the environment variable "B" is not set \| Set B/);
    expect(problems.join()).not.toContain('s3cret');
  });

  it('stops when it is interrupted', async () => {
    const path = write('lab.yaml', `${HEAD}images: [busybox]\n`);
    const error = await failureOf(
      async () => await readSpec(path, PARTS, { env: {}, signal: AbortSignal.abort() }),
    );
    expect(error.code).toBe('ERR_INTERRUPTED');
  });
});
