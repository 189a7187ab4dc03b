import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import type { PushResult } from '../../../src/verbs/carrier/push.ts';
import { type Library, runInMemory } from '../../support/process/cli.ts';

const PUSHED: PushResult = {
  root: digestOf('root'),
  reference: 'harbor.lab/bundles/lab:1',
  digest: digestOf('carrier'),
  form: 'artifact',
  blobs: 5,
  bytes: 4096,
  pushedBytes: 1024,
  mountedBytes: 0,
  presentBytes: 3072,
  seconds: 2,
};

describe('bundle push', () => {
  it('hands every option on', async () => {
    let seen: unknown;
    const push: Library['pushBundle'] = async (wish) => {
      seen = wish;
      return PUSHED;
    };
    const argv = ['push', 'lab.tar', PUSHED.reference, '--replace', '--verify', '--key', 'lab.pub'];
    argv.push('--registries', 'registries.yaml', '--ca-file', 'ca.crt', '--upload-chunk', '50MB');
    const { status } = await runInMemory(argv, { verbs: { pushBundle: push } });
    expect(status).toBe(0);
    expect(seen).toMatchObject({
      path: 'lab.tar',
      reference: PUSHED.reference,
      replace: true,
      verify: true,
      key: ['lab.pub'],
      registriesFile: 'registries.yaml',
      caFile: 'ca.crt',
      uploadChunk: 50_000_000,
    });
  });

  it.each([
    ['', undefined, []],
    [', and what was read back', 512, ['  read back  all of it, 512 B repaired']],
  ])('prints what was sent%s, and how to install it', async (_, repairedBytes, lines) => {
    const { stdout, stderr } = await runInMemory(['push', 'lab.tar', PUSHED.reference], {
      verbs: { pushBundle: async () => ({ ...PUSHED, repairedBytes }) },
    });
    expect(stdout.split('\n').filter((line) => line.includes('read back'))).toEqual(lines);
    expect(stdout).toContain(`Pushed to ${PUSHED.reference}\n`);
    expect(stdout).toContain(`root ${PUSHED.root}\n`);
    expect(stderr).toContain('bundle install oci://harbor.lab/bundles/lab:1');
  });
});
