import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Finding } from '../../../src/internal/finding.ts';
import { connect } from '../../../src/steps/connect.ts';
import { streamOf } from '../../../src/internal/bytes.ts';
import type { Repository } from '../../../src/oci/roles.ts';
import type { RegistryAuth } from '../../support/registry/auth.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { thrownBy } from '../../support/thrown.ts';

const image = sampleImage({ name: 'public' });
const [blob = { descriptor: image.root, bytes: new Uint8Array() }] = image.blobs;
const USER = { username: 'operator', password: 'S3CR3T' };

/** A machine whose credential helper complains, and a registry. */
async function setUp(auth?: RegistryAuth): Promise<{ repository: Repository; findings: readonly Finding[] }> {
  const folder = temporaryFolder();
  const home = folder.path;
  mkdirSync(join(home, 'bin'));
  mkdirSync(join(home, '.docker'));
  const program = join(home, 'bin', 'docker-credential-pass');
  writeFileSync(program, '#!/bin/sh\ncat >/dev/null\necho pass not initialized >&2\nexit 1\n');
  chmodSync(program, 0o755);
  writeFileSync(join(home, '.docker', 'config.json'), '{"credsStore": "pass"}');
  const registry = await startRegistry(auth === undefined ? {} : { auth });
  await registry.seed('team/app', image, 'v1');
  const findings: Finding[] = [];
  const env = { PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}` };
  const surroundings = { env, home, host: { platform: 'linux', arch: 'x64' } };
  const connection = connect({}, surroundings, { onFinding: (finding) => findings.push(finding) });
  onTestFinished(async () => {
    await connection[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
  return { repository: connection.registries.open(registry.host).repository('team/app'), findings };
}

describe('a credential helper that fails', () => {
  it('is not asked where no credentials are wanted', async () => {
    const { repository, findings } = await setUp();
    expect(await repository.resolve('v1')).toMatchObject({ digest: image.root.digest });
    expect(findings).toEqual([]);
  });

  it('does not keep from what is public behind a token service, and is told once', async () => {
    const { repository, findings } = await setUp({ scheme: 'bearer', ...USER, anonymousPull: true });
    expect(await repository.resolve('v1')).toMatchObject({ digest: image.root.digest });
    expect(findings).toEqual([
      expect.objectContaining({
        level: 'warning',
        message: expect.stringContaining('ended with status 1 and says "pass not initialized"'),
      }),
    ]);
  });

  it.each(['basic', 'bearer'] as const)(
    'is the reason when the registry wants credentials: %s',
    async (scheme) => {
      const { repository } = await setUp({ scheme, ...USER });
      const content = { fetch: () => streamOf(blob.bytes) };
      const tasks = [
        async (): Promise<unknown> => await repository.resolve('v1'),
        async (): Promise<unknown> => await repository.push(blob.descriptor, content),
      ];
      for (const task of tasks)
        expect(await thrownBy(task())).toMatchObject({
          code: 'ERR_REGISTRY_DENIED',
          hint: expect.stringMatching(/docker-credential-pass.*"pass not initialized"/),
        });
    },
  );
});
