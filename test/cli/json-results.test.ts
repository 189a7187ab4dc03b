import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { isRecord } from '../../src/internal/json.ts';
import { serveBundles } from '../../src/verbs/serve.ts';
import { damageEntry } from '../support/archives/damage.ts';
import { EXAMPLES } from '../support/archives/example-bundles.ts';
import { type Library, runInMemory } from '../support/process/cli.ts';
import { type InProcessRegistry, startRegistry } from '../support/registry/registry.ts';
import { sampleBundle, SAMPLES } from '../support/samples/sample-bundle.ts';
import { type NodeSite, smallRelease, startNodeSite } from '../support/sites/node-site.ts';
import { startUpstream, type Upstream } from '../support/sites/upstream.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { k3sSample } from '../support/samples/target-samples.ts';
import { temporaryFolder } from '../support/temporary.ts';

const SCHEMAS = join(EXAMPLES, '..', 'schema', 'results');
const validators = new Map([...Object.keys(COMMANDS), 'error'].map((name) => [name, compile(name)]));

const scratch = temporaryFolder();
const at = (name: string): string => join(scratch.path, name);
let site: NodeSite;
let registry: InProcessRegistry;
let sites: Upstream;

function compile(name: string): ValidateFunction {
  const schema: unknown = JSON.parse(readFileSync(join(SCHEMAS, `${name}.schema.json`), 'utf8'));
  return new Ajv2020({ strict: true, allErrors: true }).compile(Object(schema));
}

beforeAll(async () => {
  registry = await startRegistry();
  site = await startNodeSite([smallRelease('24.5.0', 'Krypton')]);
  const sources = ['rancher/rancher:v2.9.3 rancher', 'rancher/istio:1 rancher-istio:1.0.0'];
  const images = sources.map((line) => line.replace(/ .*/, ''));
  sites = await startUpstream({ rancher: [{ tag: 'v2.9.3', images, sources }] });
  await registry.seed('rancher/rancher', sampleImage({ name: 'rancher' }), 'v2.9.3');
  const routes = `registries: { mirrors: { docker.io: { endpoint: ["${registry.url}"] } } }\nsignatures: false\n`;
  writeFileSync(
    at('rancher.yaml'),
    `bundle: 1\nname: rancher\nrancher: { version: v2.9.3, without: [istio] }\n${routes}upstreams: ${JSON.stringify(sites.upstreams)}\n`,
  );
  writeFileSync(at('istio.txt'), 'rancher/istio:1\n');
  const tar = sampleBundle().tar;
  for (const name of ['sample.tar', 'damaged.tar', 'lost.tar']) writeFileSync(at(name), tar);
  writeFileSync(at('older.tar'), sampleBundle(SAMPLES.slice(1)).tar);
  writeFileSync(
    at('release.tar'),
    sampleBundle([k3sSample('v1.31.2+k3s1', { imageList: 'rancher/rancher:v2.9.2\n' })]).tar,
  );
  writeFileSync(at('tool.txt'), 'tool\n');
  writeFileSync(
    at('lab.yaml'),
    'bundle: 1\nname: lab\nfiles:\n  - path: ./tool.txt\nabout: { title: Lab }\n',
  );
  writeFileSync(at('wanted.txt'), 'rancher/rancher:v2.9.2\n');
  writeFileSync(at('unmet.txt'), 'rancher/rancher:v2.9.2\nrancher/shell:v9\n');
  writeFileSync(at('wrong.yaml'), 'bundle: 1\nname: lab\nimagez: []\nfilez: []\n');
  writeFileSync(at('good-registries.yaml'), 'mirrors:\n  docker.io:\n    endpoint: ["https://harbor.lab"]\n');
  writeFileSync(at('bad-registries.yaml'), 'mirrorz: {}\n');
  for (const path of ['home', 'stick', 'program/parts']) mkdirSync(at(path), { recursive: true });
  writeFileSync(at('stick/lab.tar'), tar);
  for (const name of ['main.js', 'program.mjs', 'start.mjs', 'parts/verify.mjs', 'LICENSE', 'licences.txt'])
    writeFileSync(at(`program/${name}`), '// program\n');
});
afterAll(async () => {
  await sites[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  scratch[Symbol.dispose]();
});

/** A command line, whose words in angle brackets are paths, with the status it ends with and what is done before. */
interface Step {
  readonly line: string;
  readonly status?: number;
  readonly before?: () => unknown;
}

const STEPS: readonly Step[] = [
  { line: 'init' },
  { line: 'version' },
  { line: 'completion zsh' },
  { line: 'help' },
  { line: 'help build' },
  { line: 'help spec' },
  { line: 'keygen <lab>' },
  { line: 'lock <lab.yaml>' },
  { line: 'lock <lab.yaml> --check' },
  { line: 'lock <lab.yaml> --check', status: 5, before: () => appendFileSync(at('tool.txt'), 'more\n') },
  { line: 'build <lab.yaml> -o <lab.tar> --dry-run' },
  { line: 'build <lab.yaml> -o <lab.tar> --sign-key <lab> --parity 10%' },
  { line: 'build <lab.yaml> -o <plain.tar>' },
  { line: 'build <lab.yaml> -o <plain.tar>' },
  { line: 'build <lab.yaml> -o <delta.tar> --since <older.tar>' },
  { line: 'build <rancher.yaml> -o <rancher.tar> --dry-run' },
  { line: 'build <rancher.yaml> -o <rancher.tar>' },
  { line: 'inspect <rancher.tar>' },
  { line: 'check <rancher.tar> --for <istio.txt>', status: 5 },
  { line: 'sign <plain.tar> --key <lab>' },
  { line: 'sign <plain.tar> --remove' },
  { line: 'push <sample.tar> HOST/bundles/lab:1' },
  { line: 'pull oci://HOST/bundles/lab:1 -o <pulled.zip>' },
  { line: 'convert <sample.tar> <sample.zip>' },
  { line: 'convert <sample.tar> <mirror> --to oc-mirror-dir' },
  { line: 'inspect <sample.tar>' },
  { line: 'inspect <lab.tar> --key <lab.pub>' },
  { line: 'inspect <delta.tar>' },
  { line: 'diff <older.tar> <sample.tar>' },
  { line: 'check <sample.tar> --for <wanted.txt>' },
  { line: 'check <release.tar> --for <wanted.txt>' },
  { line: 'check <sample.tar> --for <unmet.txt>', status: 5 },
  { line: 'inspect <sample.tar> --sort size' },
  { line: 'verify <sample.tar>' },
  { line: 'verify <lab.tar> --key <lab.pub>' },
  { line: 'verify <damaged.tar>', status: 3, before: () => damage('damaged.tar') },
  { line: 'verify <damaged.tar> --base <sample.tar> --missing-to <missing.json>' },
  { line: 'parity <sample.tar> --strength 20%' },
  { line: 'verify <sample.tar>', status: 3, before: () => damage('sample.tar') },
  { line: 'repair <sample.tar>' },
  { line: 'repair <damaged.tar> <sample.tar>' },
  { line: 'install <sample.tar> --files <out> --k3s-node=<node> --dry-run' },
  { line: 'install <sample.tar> --files <out>' },
  { line: 'receipts' },
  { line: 'prune --keep <sample.tar> --dry-run' },
  { line: 'uninstall <sample.tar> --dry-run' },
  { line: 'uninstall <sample.tar>' },
  { line: 'kit <stick> --platform linux/amd64 --mirror SITE' },
  { line: 'verify <stick/lab.tar>' },
  {
    line: 'verify <stick/lab.tar>',
    status: 3,
    before: () => appendFileSync(at('stick/START-HERE.html'), 'x'),
  },
  { line: 'serve <sample.tar> --listen 127.0.0.1:0' },
  { line: 'config registries.yaml --registry harbor.lab --source docker.io' },
  { line: 'config hosts.toml --registry harbor.lab --source docker.io -o <certs.d>' },
  { line: 'config --check <good-registries.yaml>' },
  { line: 'config --check <bad-registries.yaml>', status: 2 },
];

/** These need a registry, or several installs: what they state as their result is all that holds their schema to them. */
const ELSEWHERE: ReadonlySet<string> = new Set(['push', 'pull', 'prune']);

async function damage(name: string): Promise<void> {
  const { plan } = sampleBundle();
  const blob = plan.blobs.find(({ descriptor }) => descriptor.size > 4000)?.descriptor.digest ?? '';
  await damageEntry(at(name), `blobs/sha256/${blob.slice(7)}`);
}

/** A served bundle is asked for nothing, and stopped once it listens. */
async function run(words: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const stop = new AbortController();
  const serve: Library['serveBundles'] = async (wish, surroundings, ears) =>
    await serveBundles(wish, surroundings, { ...ears, onListening: () => stop.abort() });
  return await runInMemory([...words, '--json'], {
    verbs: words[0] === 'serve' ? { serveBundles: serve } : 'real',
    home: at('home'),
    program: at('program'),
    signal: stop.signal,
  });
}

function wordsOf(line: string): readonly string[] {
  return line.split(' ').map((word) =>
    word
      .replace(/<(.*)>/, (_, name: string) => at(name))
      .replace('SITE', site.url)
      .replace('HOST', registry.host),
  );
}

/** Every document that differs by one unknown key. */
function* withUnknownKey(document: unknown): Generator {
  const whole = JSON.stringify(document);
  let count = 0;
  JSON.parse(whole, (_, value: unknown) => {
    if (isRecord(value)) count += 1;
    return value;
  });
  for (let place = 0; place < count; place += 1) {
    let seen = -1;
    yield JSON.parse(whole, (_, value: unknown) => {
      if (!isRecord(value)) return value;
      seen += 1;
      return seen === place ? { ...value, unknownKey: 1 } : value;
    });
  }
}

// The commands are one story: each works on what those before it left.
describe('what a command prints with --json', { shuffle: false }, () => {
  it.each(STEPS)(
    'is what its schema says: bundle $line ends with $status',
    async ({ line, status = 0, before }) => {
      await before?.();
      const { stdout, stderr, ...ended } = await run(wordsOf(line));
      expect({ ...ended, stderr: ended.status === status ? '' : stderr }).toEqual({ status, stderr: '' });
      const validate = validators.get(line.split(' ')[0] ?? '');
      const document: unknown = JSON.parse(stdout);
      validate?.(document);
      expect(validate?.errors).toBeNull();
      expect(JSON.stringify(document)).not.toMatch(/[:[,]null\b/);
      expect(validators.get('error')?.(document)).toBe(false);
    },
  );

  it('is tried of every command', () => {
    const tried = new Set(STEPS.map(({ line }) => line.split(' ')[0]));
    const due = Object.keys(COMMANDS).filter((name) => !ELSEWHERE.has(name));
    expect([...tried]).toEqual(expect.arrayContaining(due));
  });

  it('has no key that its schema does not know', async () => {
    for (const line of [
      'inspect <sample.zip>',
      'receipts',
      'diff <older.tar> <sample.zip>',
      'verify <sample.zip>',
    ]) {
      const { stdout } = await run(wordsOf(line));
      const validate = validators.get(line.split(' ')[0] ?? '');
      const accepted = [...withUnknownKey(JSON.parse(stdout))].filter(
        (changed) => validate?.(changed) === true,
      );
      expect(accepted).toEqual([]);
    }
  });

  it.each(Object.keys(COMMANDS))(
    'is an error when bundle %s does not understand its options',
    async (name) => {
      const { status, stdout, stderr } = await run([name, '--no-such-option']);
      expect(status).toBe(2);
      expectError(stdout, stderr, 'ERR_USAGE_INVALID');
    },
  );

  it.each([
    ['verify <nowhere.tar>', 5, 'ERR_BUNDLE_NOT_FOUND', 0],
    ['install <nowhere.tar> --files <out>', 5, 'ERR_BUNDLE_NOT_FOUND', 0],
    ['uninstall <lost.tar>', 5, 'ERR_CONTENT_NOT_FOUND', 0],
    ['build <wrong.yaml> -o <wrong.tar>', 2, 'ERR_SPEC_INVALID', 2],
    ['keygen <lab>', 6, 'ERR_OUTPUT_UNWRITABLE', 0],
    ['sign <lab.yaml> --key <lab>', 3, 'ERR_BUNDLE_INVALID', 0],
    ['help nothing', 2, 'ERR_USAGE_INVALID', 0],
    ['nothing', 2, 'ERR_USAGE_INVALID', 0],
  ])('is an error where there is no result: %s', async (line, expected, code, problems) => {
    const { status, stdout, stderr } = await run(wordsOf(line));
    expect(status).toBe(expected);
    expect(expectError(stdout, stderr, code)).toHaveLength(problems);
  });
});

/** Checks that stdout holds the error that stderr tells people, and returns its problems. */
function expectError(stdout: string, stderr: string, code: string): unknown {
  const document: unknown = JSON.parse(stdout);
  const validate = validators.get('error');
  validate?.(document);
  expect(validate?.errors).toBeNull();
  const { error } = Object(document);
  expect(error).toMatchObject({ code });
  expect(stderr).toContain(`error: ${error.message}`);
  return error.problems;
}
