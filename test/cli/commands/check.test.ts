import { describe, expect, it } from 'vitest';
import type { CheckOutcome, CheckWish } from '../../../src/verbs/check.ts';
import { runInMemory } from '../../support/process/cli.ts';

const OUTCOME: CheckOutcome = {
  missing: [
    {
      reference: 'docker.io/team/a:1',
      platform: 'linux/arm64',
      has: ['linux/amd64'],
      places: [{ file: 'a.yaml', line: 3, path: 'spec.image', object: 'Pod a' }],
      times: 3,
    },
  ],
  lookalikes: [{ text: 'quay.io/x/y:1', places: [{ file: 'a.yaml', line: 9 }], times: 1 }],
  present: [],
  findings: [],
};

async function run(argv: readonly string[], outcome = OUTCOME) {
  const wishes: CheckWish[] = [];
  const checkImages = async (wish: CheckWish): Promise<CheckOutcome> => {
    wishes.push(wish);
    return outcome;
  };
  return { ...(await runInMemory(['check', ...argv], { verbs: { checkImages } })), wish: wishes[0] };
}

describe('bundle check', () => {
  it('lists what is missing with its places, and ends with 5', async () => {
    const { status, stdout, stderr } = await run(['lab.tar', '--for', 'a.yaml']);
    expect(status).toBe(5);
    expect(stdout.split('\n')).toEqual([
      'missing docker.io/team/a:1 for linux/arm64: it is there for linux/amd64 alone',
      '  a.yaml:3  Pod a  spec.image',
      '  and 2 more places',
      '1 text may be images, and were not looked for:',
      '  quay.io/x/y:1',
      '  a.yaml:9',
      '0 images there, 1 missing',
      '',
    ]);
    expect(stderr).toContain('ERR_CONTENT_NOT_FOUND');
  });

  it('ends with 0 when nothing is missing, whatever only looks like an image', async () => {
    const { status, stdout } = await run(['lab.tar', '--for', 'a.yaml', '--json'], {
      ...OUTCOME,
      missing: [],
    });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ missing: [], lookalikes: OUTCOME.lookalikes, present: [] });
  });

  it('tells what comes in the archives of nodes, and not at a registry', async () => {
    const image = { in: 'lab.tar', places: [{ file: 'a.yaml' }] };
    const archive = 'k3s-airgap-images-arm64.tar.zst';
    const { stdout } = await run(['lab.tar', '--for', 'a.yaml'], {
      ...OUTCOME,
      missing: [],
      lookalikes: [],
      present: [
        { ...image, reference: 'docker.io/team/a:1' },
        { ...image, reference: 'docker.io/team/b:1', archive, platform: 'linux/arm64' },
        { ...image, reference: 'docker.io/team/b:1', archive, platform: 'linux/arm64/v8' },
      ],
    });
    expect(stdout).toBe(`2 images there, 0 missing\n  1 image in ${archive}, for nodes that import it\n`);
  });

  it('takes what a pattern of the shell gives as files, and the rest as bundles', async () => {
    const { wish } = await run(['lab.tar', '--for', 'a.yaml', 'b.yml', 'c.json', 'sub.zip', '--for', '-']);
    expect(wish).toMatchObject({
      bundles: ['lab.tar', 'sub.zip'],
      files: ['a.yaml', '-', 'b.yml', 'c.json'],
    });
  });
});
