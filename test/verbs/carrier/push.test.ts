import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/internal/finding.ts';
import { pushBundle } from '../../../src/verbs/carrier/push.ts';
import { inspectBundle } from '../../../src/verbs/inspect.ts';
import { signBundle } from '../../../src/verbs/signing/sign.ts';
import { verifyBundle } from '../../../src/verbs/verify.ts';
import { testKeys, writeKeys } from '../../support/keys.ts';
import { LAB, largestOf, NEXT, startCarrierLab } from '../../support/registry/carrier-lab.ts';
import { replyError } from '../../support/registry/exchange.ts';
import { startHarbor } from '../../support/registry/harbor.ts';
import { NOBODY } from '../../support/surroundings.ts';
import { thrownBy } from '../../support/thrown.ts';

/** A registry of before OCI 1.1: it knows the config of an image, and no other. */
const NO_ARTIFACTS = {
  on: 'PUT manifest',
  action: {
    type: 'status',
    status: 400,
    body: {
      errors: [{ code: 'MANIFEST_INVALID', message: 'unknown config media type' }],
    },
  },
} as const;

describe('a bundle that is pushed', () => {
  it.each([
    ['in one manifest', undefined, 1],
    ['in several', 12, 4],
  ])('is verified and inspected in its registry, %s [B-CARRY-6]', async (_, layers, tags) => {
    await using lab = await startCarrierLab();
    const path = lab.at('lab.tar');
    const pushed = await lab.push({ path, layers });
    const { root } = LAB.plan;
    expect(pushed).toMatchObject({ root, reference: lab.reference(), form: 'artifact', presentBytes: 0 });
    expect(pushed.pushedBytes).toBe(pushed.bytes);
    expect(lab.tagged('2026-11')).toBe(pushed.digest);
    expect(lab.tags()).toHaveLength(tags);
    expect(await verifyBundle({ path: lab.oci() }, NOBODY)).toMatchObject({ ok: true, root, problems: [] });
    const pinned = `oci://${lab.registry.host}/bundles/lab@${pushed.digest}`;
    const inspected = await inspectBundle({ path: pinned }, NOBODY);
    expect({ ...inspected, path, form: 'tar' }).toEqual(await inspectBundle({ path }, NOBODY));
  });

  it('is sent once: a second push sends nothing, and the next bundle what is new', async () => {
    await using lab = await startCarrierLab();
    const first = await lab.push();
    lab.registry.log.clear();
    expect(await lab.push()).toMatchObject({
      digest: first.digest,
      pushedBytes: 0,
      presentBytes: first.bytes,
    });
    expect(lab.received()).toBe(0);
    const next = await lab.push({ path: lab.at('next.tar'), reference: lab.reference('2026-12') });
    expect(next).toMatchObject({ root: NEXT.plan.root });
    expect(next.pushedBytes + next.presentBytes).toBe(next.bytes);
    expect(lab.received()).toBe(next.pushedBytes);
    expect(next.pushedBytes).toBeLessThan(25_000);
  });

  it('goes on where it was stopped, and names nothing before all of it is there [B-CARRY-4]', async () => {
    await using lab = await startCarrierLab();
    const stop = new AbortController();
    let seen = 0;
    const onProgress = ({ bytesDone }: { bytesDone: number }): void => {
      seen = bytesDone;
      if (bytesDone > 20_000) stop.abort();
    };
    const wish = { path: lab.at('lab.tar'), reference: lab.reference() };
    const stopped = await thrownBy(pushBundle(wish, NOBODY, { onProgress, signal: stop.signal }));
    expect(stopped.code).toBe('ERR_INTERRUPTED');
    expect(seen).toBeGreaterThan(20_000);
    expect(lab.tags()).toEqual([]);
    const again = await lab.push();
    expect(again.presentBytes).toBeGreaterThan(0);
    expect(again.pushedBytes).toBe(again.bytes - again.presentBytes);
    expect(await verifyBundle({ path: lab.oci() }, NOBODY)).toMatchObject({ ok: true });
  });

  it('comes whole again when the registry has lost blobs, though it has the manifest', async () => {
    await using lab = await startCarrierLab();
    await lab.push();
    lab.lose(largestOf(LAB));
    const broken = await verifyBundle({ path: lab.oci() }, NOBODY);
    expect(broken.problems.map(({ code }) => code)).toContain('ERR_UPSTREAM_NOT_FOUND');
    expect((await lab.push()).pushedBytes).toBeGreaterThan(0);
    expect(await verifyBundle({ path: lab.oci() }, NOBODY)).toMatchObject({ ok: true });
  });

  it('leaves a tag that names something else, unless it may move it [B-CARRY-5]', async () => {
    await using lab = await startCarrierLab();
    const { digest } = await lab.push();
    const path = lab.at('next.tar');
    const refused = await thrownBy(lab.push({ path }));
    expect(refused).toMatchObject({ code: 'ERR_TARGET_REFUSED' });
    expect(refused.message).toBe(
      `Cannot push to "${lab.reference()}": the tag names another bundle, with root "${LAB.plan.root}"`,
    );
    expect(refused.hint).toContain('--replace');
    expect(lab.tagged('2026-11')).toBe(digest);
    await lab.push({ path, replace: true });
    expect(await verifyBundle({ path: lab.oci() }, NOBODY)).toMatchObject({ root: NEXT.plan.root });
  });

  it('takes another signature of the same bundle for no other bundle', async () => {
    await using lab = await startCarrierLab();
    await lab.push();
    const { key, pub } = writeKeys(lab.at(''), testKeys());
    await signBundle({ path: lab.at('lab.tar'), key }, NOBODY);
    await lab.push();
    const signed = await verifyBundle({ path: lab.oci(), key: pub }, NOBODY);
    expect(signed).toMatchObject({ ok: true, signature: 'proven' });
  });

  it('of two at once under one tag, one bundle is there whole', async () => {
    await using lab = await startCarrierLab();
    const pushes = [
      lab.push({ replace: true }),
      lab.push({ replace: true }),
      lab.push({ path: lab.at('next.tar'), replace: true }),
    ];
    const results = await Promise.all(pushes);
    const { ok, root } = await verifyBundle({ path: lab.oci() }, NOBODY);
    expect(ok).toBe(true);
    expect(results.map((result) => result.root)).toContain(root);
    expect(results.map(({ digest }) => digest)).toContain(lab.tagged('2026-11'));
  });

  it('is kept as an image where no artifacts are taken, with a warning [B-CARRY-3]', async () => {
    await using lab = await startCarrierLab({
      intercept: async (exchange) => {
        const { request } = exchange;
        if (request.method !== 'PUT' || exchange.entry.topic !== 'manifest') return false;
        const refusals = lab.registry.log.count('PUT manifest');
        if (refusals > 1) return false;
        await replyError(exchange, 400, { code: 'MANIFEST_INVALID', message: 'unknown config media type' });
        return true;
      },
    });
    const findings: Finding[] = [];
    const wish = { path: lab.at('lab.tar'), reference: lab.reference() };
    const pushed = await pushBundle(wish, NOBODY, { onFinding: (finding) => findings.push(finding) });
    expect(pushed).toMatchObject({ form: 'image' });
    expect(findings).toMatchObject([
      { level: 'warning', message: expect.stringContaining('no OCI artifacts') },
    ]);
    expect(await verifyBundle({ path: lab.oci() }, NOBODY)).toMatchObject({ ok: true, root: LAB.plan.root });
  });

  it('says in the words of the registry that it takes no manifest at all', async () => {
    await using lab = await startCarrierLab({ faults: [{ ...NO_ARTIFACTS, times: 100 }] });
    const refused = await thrownBy(lab.push());
    expect(refused.code).toBe('ERR_REGISTRY_FAILED');
    expect(refused.message).toContain('unknown config media type');
    expect(lab.tags()).toEqual([]);
  });

  it.each([
    ['lab:2026', 'ERR_REFERENCE_INVALID', 'neither a dot nor a port'],
    ['harbor/bundles/lab:1', 'ERR_REFERENCE_INVALID', 'neither a dot nor a port'],
    ['https://harbor.lab/bundles/lab:1', 'ERR_REFERENCE_INVALID', 'it is a URL'],
    [`harbor.lab/bundles/lab@sha256:${'0'.repeat(64)}`, 'ERR_REFERENCE_INVALID', 'named by a digest'],
    ['harbor.lab/Bundles/lab:1', 'ERR_REFERENCE_INVALID', 'not a repository name'],
    ['user:secret@harbor.lab/bundles/lab:1', 'ERR_REFERENCE_INVALID', 'no digest follows'],
  ])('goes nowhere by %s', async (reference, code, fact) => {
    await using lab = await startCarrierLab();
    const error = await thrownBy(lab.push({ reference }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(fact);
    expect(error.message).not.toContain('secret');
  });

  it('goes to Harbor with the credentials for it, and to no other host with them', async () => {
    await using harbor = await startHarbor({ projects: ['bundles'] });
    await using lab = await startCarrierLab();
    const { username, password } = harbor;
    const registriesFile = lab.at('registries.yaml');
    writeFileSync(
      registriesFile,
      JSON.stringify({ configs: { [harbor.host]: { auth: { username, password } } } }),
    );
    const reference = `${harbor.host}/bundles/lab:1`;
    await lab.push({ reference, registriesFile });
    const path = `oci://${reference}`;
    expect(await verifyBundle({ path, registriesFile }, NOBODY)).toMatchObject({ ok: true });
    expect((await thrownBy(verifyBundle({ path }, NOBODY))).code).toBe('ERR_REGISTRY_DENIED');
    await lab.push({ path, registriesFile });
    const sent = lab.registry.log.entries.filter(({ headers }) => headers.authorization !== undefined);
    expect(lab.registry.log.entries.length).toBeGreaterThan(10);
    expect(sent).toEqual([]);
  });
});
