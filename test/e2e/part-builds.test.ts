import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeReceipt } from '../../src/targets/receipts/receipt.ts';
import { NO_TRACES } from '../../src/targets/receipts/traces.ts';
import { damageBlob } from '../support/archives/damage.ts';
import { type Lab, LAB_IMAGES, startLab } from '../support/sites/lab.ts';
import { openBundle } from '../../src/bundle/open.ts';
import { isDigest, parseDigest } from '../../src/oci/digest.ts';
import { isRecord } from '../../src/internal/json.ts';

/** One image, and then two: what a spec asks for today and tomorrow. */
const [FIRST, SECOND] = LAB_IMAGES;

async function run(
  lab: Lab,
  argv: readonly string[],
): Promise<{
  readonly status: number | null;
  readonly json: Record<string, unknown>;
  readonly stderr: string;
}> {
  const { status, stdout, stderr } = await lab.run([...argv, '--json']).ended;
  const json: unknown = stdout === '' ? {} : JSON.parse(stdout);
  return { status, json: isRecord(json) ? json : {}, stderr };
}

describe('a part of what a spec asks for', () => {
  it('goes the whole way: a delta since a receipt, its verification, its difference, its install', async () => {
    await using lab = await startLab({ layerBytes: 20_000 });
    const spec = lab.spec(`images:\n  - ${FIRST}\n`);
    await run(lab, ['build', spec, '-o', lab.at('one.tar')]);
    const target = ['--registry', lab.offline.host];
    const { json: first } = await run(lab, ['install', lab.at('one.tar'), ...target]);
    const receipt = String(first['receipt']);
    const both = lab.spec(`images:\n  - ${FIRST}\n  - ${SECOND}\n`);
    const whole = await run(lab, ['build', both, '-o', lab.at('two.tar')]);
    const delta = await run(lab, ['build', both, '-o', lab.at('delta.tar'), '--since', receipt]);
    expect(delta.status).toBe(0);
    expect(delta.json).toMatchObject({ requires: [{ name: 'lab', root: first['root'] }], items: 2 });
    expect(Number(delta.json['bytes'])).toBeLessThan(Number(whole.json['bytes']) / 2 + 20_000);
    // A receipt and the bundle it is of say the same.
    const since = await run(lab, ['build', both, '-o', lab.at('since.tar'), '--since', lab.at('one.tar')]);
    expect(since.json['root']).toBe(delta.json['root']);
    expect(readFileSync(lab.at('since.tar')).equals(readFileSync(lab.at('delta.tar')))).toBe(true);
    const diff = await run(lab, ['diff', receipt, lab.at('two.tar')]);
    expect(diff.json).toMatchObject({
      items: [{ kind: 'image', name: `docker.io/${SECOND}`, change: 'added' }],
      unchanged: 1,
    });
    expect((await run(lab, ['verify', lab.at('delta.tar'), '--base', lab.at('one.tar')])).json).toMatchObject(
      { ok: true },
    );
    expect((await run(lab, ['install', lab.at('delta.tar'), ...target])).status).toBe(0);
    const { json: inspected } = await run(lab, ['inspect', lab.at('delta.tar')]);
    expect(inspected).toMatchObject({ requires: [{ name: 'lab', root: first['root'] }] });
  });

  it('is refused without its base, with status 5 and before any change', async () => {
    await using lab = await startLab({ layerBytes: 20_000 });
    const spec = lab.spec(`images:\n  - ${FIRST}\n`);
    await run(lab, ['build', spec, '-o', lab.at('one.tar')]);
    const both = lab.spec(`images:\n  - ${FIRST}\n  - ${SECOND}\n`);
    await run(lab, ['build', both, '-o', lab.at('delta.tar'), '--since', lab.at('one.tar')]);
    lab.offline.log.clear();
    const refused = await run(lab, ['install', lab.at('delta.tar'), '--registry', lab.offline.host]);
    expect(refused.status).toBe(5);
    expect(refused.json).toMatchObject({ error: { code: 'ERR_BASE_MISSING' } });
    expect(lab.offline.log.entries.filter(({ method }) => !['GET', 'HEAD'].includes(method))).toEqual([]);
    const based = [
      'install',
      lab.at('delta.tar'),
      '--registry',
      lab.offline.host,
      '--base',
      lab.at('one.tar'),
    ];
    expect((await run(lab, based)).status).toBe(0);
  });

  it('takes what it can from a bundle at hand', async () => {
    await using lab = await startLab({ layerBytes: 20_000 });
    const spec = lab.spec(`images:\n  - ${FIRST}\n`);
    await run(lab, ['build', spec, '-o', lab.at('one.tar')]);
    lab.internet.log.clear();
    const again = await run(lab, ['build', spec, '-o', lab.at('two.tar'), '--reuse', lab.at('one.tar')]);
    expect(again.json).toMatchObject({ root: expect.any(String) });
    expect(Number(again.json['reusedBytes'])).toBeGreaterThan(60_000);
    expect(lab.internet.log.count('GET blob')).toBeLessThanOrEqual(2);
    expect(readFileSync(lab.at('two.tar')).equals(readFileSync(lab.at('one.tar')))).toBe(true);
    const dry = await run(lab, [
      'build',
      spec,
      '-o',
      lab.at('3.tar'),
      '--reuse',
      lab.at('one.tar'),
      '--dry-run',
    ]);
    expect(dry.json).toMatchObject({ dryRun: { fetchBytes: 0 } });
    const none = await run(lab, ['build', spec, '-o', lab.at('4.tar'), '--reuse', lab.at('none.tar')]);
    expect(none.status).toBe(0);
    expect(none.stderr).toContain('Nothing is reused from');
  });

  it('repairs a bundle on the other side: list, patch, repair', async () => {
    await using lab = await startLab({ layerBytes: 20_000 });
    const spec = lab.spec(`images:\n  - ${FIRST}\n  - ${SECOND}\n`);
    const built = await run(lab, ['build', spec, '-o', lab.at('lab.tar')]);
    const whole = readFileSync(lab.at('lab.tar'));
    await damageBlob(lab.at('lab.tar'), await largestOf(lab.at('lab.tar')));
    const list = lab.at('missing.json');
    const verified = await run(lab, ['verify', lab.at('lab.tar'), '--missing-to', list]);
    expect(verified.status).toBe(3);
    expect(verified.json).toMatchObject({ missing: { blobs: 1, files: 0 } });
    const patch = await run(lab, ['build', spec, '-o', lab.at('patch.tar'), '--only', list, '--locked']);
    expect(patch.json).toMatchObject({ items: 0, blobs: 1 });
    const repaired = await run(lab, ['repair', lab.at('lab.tar'), lab.at('patch.tar')]);
    expect(repaired.json).toMatchObject({ root: built.json['root'], repaired: { blobs: 1 } });
    expect(readFileSync(lab.at('lab.tar')).equals(whole)).toBe(true);
  });

  it('is a patch even when the spec has moved on, as long as it still leads to the blobs', async () => {
    await using lab = await startLab({ layerBytes: 20_000 });
    const spec = lab.spec(`images:\n  - ${FIRST}\n`);
    await run(lab, ['build', spec, '-o', lab.at('lab.tar')]);
    await damageBlob(lab.at('lab.tar'), await largestOf(lab.at('lab.tar')));
    const list = lab.at('missing.json');
    await run(lab, ['verify', lab.at('lab.tar'), '--missing-to', list]);
    const moved = lab.spec(`images:\n  - ${FIRST}\n  - ${SECOND}\n`, 'moved.yaml');
    const patch = await run(lab, ['build', moved, '-o', lab.at('patch.tar'), '--only', list]);
    expect(patch.stderr).toContain('The spec gives another bundle');
    expect((await run(lab, ['repair', lab.at('lab.tar'), lab.at('patch.tar')])).status).toBe(0);
    const other = lab.spec(`images:\n  - ${SECOND}\n`, 'other.yaml');
    writeFileSync(list, readFileSync(list, 'utf8').replace('"files": []', '"files": ["index.json"]'));
    const refused = await run(lab, ['build', other, '-o', lab.at('no.tar'), '--only', list]);
    expect(refused).toMatchObject({ status: 2, json: { error: { code: 'ERR_PATCH_INVALID' } } });
  });

  it('does not count on a receipt of an install that was cut short, nor on what is not a receipt', async () => {
    await using lab = await startLab();
    const spec = lab.spec(`images:\n  - ${FIRST}\n`);
    const root = parseDigest(`sha256:${'0'.repeat(64)}`);
    const receipt = {
      ...NO_TRACES,
      createdAt: '2026-08-20T14:05:00Z',
      root,
      name: 'lab',
      complete: false,
      blobs: [],
    };
    writeFileSync(lab.at('receipt.json'), encodeReceipt(receipt));
    writeFileSync(lab.at('other.json'), '{"a": 1}');
    for (const [name, fact] of [
      ['receipt.json', 'was not completed'],
      ['other.json', 'Cannot read receipt'],
    ] as const) {
      const { status, json } = await run(lab, [
        'build',
        spec,
        '-o',
        lab.at('out.tar'),
        '--since',
        lab.at(name),
      ]);
      expect(status).toBe(3);
      expect(json).toMatchObject({
        error: { code: 'ERR_DOCUMENT_INVALID', message: expect.stringContaining(fact) },
      });
    }
    expect(lab.internet.log.entries).toEqual([]);
  });
});

async function largestOf(path: string): Promise<ReturnType<typeof parseDigest>> {
  await using bundle = await openBundle(path);
  const [largest] = [...bundle.document.blobs].sort((left, right) => right.size - left.size);
  expect(isDigest(largest?.digest)).toBe(true);
  return parseDigest(largest?.digest);
}
