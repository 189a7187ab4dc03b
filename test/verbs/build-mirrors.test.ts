import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildBundle } from '../../src/verbs/build.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import type { Fault, FaultAction } from '../support/registry/fault.ts';
import { type InProcessRegistry, startRegistry } from '../support/registry/registry.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { temporaryFolder } from '../support/temporary.ts';

const image = sampleImage({ name: 'mirrored', layers: 3, layerBytes: 50_000 });

/** What a mirror sends instead of what it has. */
const WRONG: readonly [string, FaultAction][] = [
  ['one wrong bit', { type: 'corrupt', atByte: 20 }],
  ['something shorter', { type: 'status', status: 200, body: 'short' }],
  ['something longer', { type: 'status', status: 200, body: 'x'.repeat(60_000) }],
];
const FORMS = ['tar', 'zip', 'dir'] as const;

describe('a mirror that holds damaged content', () => {
  it.each(FORMS.flatMap((form) => WRONG.map(([what, action]) => ({ form, what, action }))))(
    'is passed over for the next: $what, into a $form',
    async ({ form, action }) => {
      const { build, mirror } = await setUp([{ on: 'GET blob', times: 999, action }]);
      const path = await build(form);
      const surroundings = { env: {}, home: '/', host: { platform: 'linux', arch: 'x64' } };
      expect(await verifyBundle({ path, workers: 1 }, surroundings)).toMatchObject({ ok: true });
      expect(mirror.log.count('GET blob')).toBeGreaterThan(0);
    },
  );

  it('is passed over for manifests and configs as well', async () => {
    const { build } = await setUp([
      { on: 'GET manifest', times: 999, action: { type: 'corrupt', atByte: 20 } },
      { on: 'GET blob', times: 999, action: { type: 'corrupt', atByte: 20 } },
    ]);
    expect(await build('tar', 'platforms: [linux/amd64]\n')).toMatch(/out-tar/);
  });
});

async function setUp(faults: readonly Fault[]): Promise<{
  readonly mirror: InProcessRegistry;
  readonly build: (form: (typeof FORMS)[number], parts?: string) => Promise<string>;
}> {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const mirror = await startRegistry({ faults });
  const next = await startRegistry();
  for (const registry of [mirror, next]) {
    onTestFinished(() => registry[Symbol.asyncDispose]());
    await registry.seed('lab/app', image, 'v1');
  }
  const endpoint = JSON.stringify([mirror.url, next.url]);
  const spec = join(folder.path, 'lab.yaml');
  const build = async (form: (typeof FORMS)[number], parts = ''): Promise<string> => {
    const registries = `registries:\n  mirrors:\n    docker.io: { endpoint: ${endpoint} }\n`;
    writeFileSync(spec, `bundle: 1\nname: lab\nimages: [lab/app:v1]\n${parts}${registries}`);
    const out = join(folder.path, `out-${form}`);
    const surroundings = { env: {}, home: folder.path, host: { platform: 'linux', arch: 'x64' } };
    await buildBundle({ specPath: spec, out, form }, surroundings);
    return out;
  };
  return { mirror, build };
}
