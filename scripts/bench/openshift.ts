/**
 * Measures a catalog of operators with 400 MB of JSON, of which a bundle takes the newest bundles, and a release of 190 components
 * beside the same images as plain `images`, all from a registry on loopback. `npm run bench:openshift -- MEGABYTES COMPONENTS` sets
 * other sizes.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatBytes } from '../../src/internal/format.ts';
import { armoredKey, composeMessage, handMadeKey } from '../../test/support/openpgp.ts';
import { type InProcessRegistry, startRegistry } from '../../test/support/registry/registry.ts';
import {
  catalogImage,
  olmBundle,
  olmChannel,
  olmPackage,
  rendered,
} from '../../test/support/samples/catalog.ts';
import { layeredImage, payloadLayer, releaseClaim } from '../../test/support/samples/openshift-release.ts';
import { incompressibleBytes } from '../../test/support/samples/sample-image.ts';
import { type Cost, measure } from './measure.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const [megabytes = 400, components = 190] = process.argv.slice(2).map(Number);
/** Bundles of a package, and bytes of each. */
const [BUNDLES, BUNDLE_BYTES] = [40, 50_000];
const LAYER_BYTES = 256 * 1024;
const ROUNDS = 3;
const WANTED = { memory: 200 * 2 ** 20, ratio: 1.2 } as const;

const work = mkdtempSync(join(tmpdir(), 'saddlebag-bench-openshift-'));
try {
  await measure(process.execPath, [join(import.meta.dirname, '../build.ts')]);
  console.log(`${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores; Node ${process.version}\n`);
  mkdirSync(join(work, 'home'));
  await using registry = await startRegistry({ folder: join(work, 'blobs') });
  await filterCatalog(registry);
  await packRelease(registry);
} finally {
  rmSync(work, { recursive: true });
}

async function filterCatalog(registry: InProcessRegistry): Promise<void> {
  const image = layeredImage({ layers: [[{ path: 'manifests/csv.yaml', bytes: 'csv' }]] });
  await registry.seed('lab/operator', image);
  const reference = `quay.io/lab/operator@${image.root.digest}`;
  const packages = Math.round((megabytes * 1e6) / (BUNDLES * BUNDLE_BYTES));
  const files = Array.from({ length: packages }, (_, index): readonly [string, string] => [
    `operator-${index}/catalog.json`,
    packageText(`operator-${index}`, reference),
  ]);
  const size = files.reduce((sum, [, text]) => sum + text.length, 0);
  const catalog = catalogImage({ layers: [Object.fromEntries(files)] });
  await registry.seed('lab/index', catalog, 'v4.20');
  report('catalog', `${formatBytes(size)} of JSON, ${packages} packages, ${packages * BUNDLES} bundles`);
  const cost = await build(registry, 'openshift: { operators: [{ catalog: "quay.io/lab/index:v4.20" }] }\n');
  const fact = cost.peakMemory <= WANTED.memory ? 'within' : 'ABOVE';
  report(
    'filtered in',
    `${cost.seconds.toFixed(1)} s, ${formatBytes(cost.peakMemory)} at most, ${fact} ${formatBytes(WANTED.memory)}`,
  );
}

/** Manifests as base64, which compress a little, fill most of a real bundle. */
function packageText(name: string, reference: string): string {
  const versions = Array.from({ length: BUNDLES }, (_, index) => `1.${index}.0`);
  const entries = versions.map((version, index) =>
    index === 0 ? `${name}.v${version}` : `${name}.v${version} > ${name}.v${versions[index - 1] ?? ''}`,
  );
  const bundles = versions.map((version) => {
    const bundle = olmBundle(name, version, [reference]);
    const properties = Array.isArray(bundle['properties']) ? bundle['properties'] : [];
    const data = Buffer.from(incompressibleBytes(`${name} ${version}`, BUNDLE_BYTES * 0.74)).toString(
      'base64',
    );
    return { ...bundle, properties: [...properties, { type: 'olm.bundle.object', value: { data } }] };
  });
  return rendered(olmPackage(name, 'stable'), olmChannel(name, 'stable', ...entries), ...bundles);
}

async function packRelease(registry: InProcessRegistry): Promise<void> {
  const key = handMadeKey();
  writeFileSync(join(work, 'keys.asc'), armoredKey(key));
  const references: Record<string, string> = {};
  for (let index = 0; index < components; index += 1) {
    const image = layeredImage({
      layers: [
        [{ path: 'etc/base', bytes: 'base' }],
        [{ path: 'bin/run', bytes: incompressibleBytes(`component ${index}`, LAYER_BYTES) }],
      ],
    });
    await registry.seed('lab/components', image);
    references[`component-${index}`] = `quay.io/lab/components@${image.root.digest}`;
  }
  const payload = payloadLayer({
    version: '4.20.3',
    components: references,
    keys: { 'verifier-public-key-lab': armoredKey(key) },
  });
  const release = layeredImage({ layers: [[{ path: 'bin/cvo', bytes: 'cvo' }], payload] });
  await registry.seed('lab/release', release, '4.20.3');
  const { digest } = release.root;
  const message = composeMessage(releaseClaim(digest), key, { form: 'compressed' });
  const store = createServer((request, response) => {
    const isThere = request.url === `/sha256=${digest.slice('sha256:'.length)}/signature-1`;
    response.writeHead(isThere ? 200 : 404).end(isThere ? message : 'not found');
  });
  store.listen(0, '127.0.0.1');
  await once(store, 'listening');
  const address = store.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const signatures = `upstreams: { openshiftSignatures: ["http://127.0.0.1:${port}"] }\n`;
    const whole = `openshift: { releases: ["quay.io/lab/release:4.20.3"], keys: [keys.asc] }\n${signatures}`;
    const plain = `images:\n- quay.io/lab/release@${digest}\n${Object.values(references)
      .map((each) => `- ${each}\n`)
      .join('')}`;
    const seconds: { readonly whole: number; readonly plain: number }[] = [];
    // In turns, so that what else the machine does falls on both.
    for (let round = 0; round < ROUNDS; round += 1)
      seconds.push({
        plain: (await build(registry, plain)).seconds,
        whole: (await build(registry, whole)).seconds,
      });
    const [asImages, asRelease] = [
      Math.min(...seconds.map((each) => each.plain)),
      Math.min(...seconds.map((each) => each.whole)),
    ];
    report(
      `${components} components`,
      `${asRelease.toFixed(2)} s; as plain images ${asImages.toFixed(2)} s, the fastest of ${ROUNDS}`,
    );
    report('ratio', `${(asRelease / asImages).toFixed(2)} × (${WANTED.ratio} × wanted)`);
  } finally {
    store.closeAllConnections();
    store.close();
  }
}

async function build(registry: InProcessRegistry, part: string): Promise<Cost> {
  const [spec, out] = [join(work, 'bench.yaml'), join(work, 'bench.tar')];
  rmSync(out, { force: true });
  rmSync(join(work, 'bench.lock.json'), { force: true });
  writeFileSync(
    spec,
    `bundle: 1\nname: bench\n${part}registries: { mirrors: { quay.io: { endpoint: ["${registry.url}"] } } }\n`,
  );
  const env = { HOME: join(work, 'home'), XDG_STATE_HOME: '', XDG_CONFIG_HOME: '', XDG_CACHE_HOME: '' };
  return await measure(process.execPath, [MAIN, 'build', spec, '-o', out], { env });
}

function report(what: string, value: string): void {
  console.log(`${what.padEnd(24)}${value}`);
}
