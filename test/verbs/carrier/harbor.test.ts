import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pushBundle, type PushResult, type PushWish } from '../../../src/verbs/carrier/push.ts';
import { installBundle } from '../../../src/verbs/install.ts';
import { verifyBundle, type VerifyResult } from '../../../src/verbs/verify.ts';
import { LAB, NEXT } from '../../support/registry/carrier-lab.ts';
import { type FakeHarbor, type HarborOptions, startHarbor } from '../../support/registry/harbor.ts';
import { replicate } from '../../support/registry/harbor-replication.ts';
import { NOBODY } from '../../support/surroundings.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { thrownBy } from '../../support/thrown.ts';

/** A robot of one project, which may neither ask for projects nor make them. */
const ROBOT = {
  username: 'robot$bundles+carrier',
  password: 's$cret',
  mayAsk: false,
  mayCreate: false,
  projects: ['bundles'],
} as const;
const FORMS: readonly [what: string, layers: number | undefined][] = [
  ['one manifest', undefined],
  ['several', 12],
];

interface Site extends AsyncDisposable {
  readonly harbor: FakeHarbor;
  at(name: string): string;
  push(to: string, wish?: Partial<PushWish>): Promise<PushResult>;
  verify(from: string): Promise<VerifyResult>;
}

async function startSite(options: HarborOptions = ROBOT): Promise<Site> {
  const harbor = await startHarbor(options);
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder.path, name);
  const { username, password, host } = harbor;
  const registriesFile = at('registries.yaml');
  writeFileSync(registriesFile, JSON.stringify({ configs: { [host]: { auth: { username, password } } } }));
  writeFileSync(at('lab.tar'), LAB.tar);
  writeFileSync(at('next.tar'), NEXT.tar);
  return {
    harbor,
    at,
    push: async (to, wish = {}) => {
      const { path = at('lab.tar') } = wish;
      return await pushBundle({ ...wish, path, registriesFile, reference: `${host}/${to}` }, NOBODY);
    },
    verify: async (from) => await verifyBundle({ path: `oci://${host}/${from}`, registriesFile }, NOBODY),
    [Symbol.asyncDispose]: async () => {
      await harbor[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

const WHOLE = { ok: true, root: LAB.plan.root, problems: [] };

describe('Harbor', () => {
  it.each(FORMS)('takes a bundle in %s from the robot of a project', async (_, layers) => {
    await using site = await startSite();
    expect(await site.push('bundles/lab:1', { layers })).toMatchObject({ form: 'artifact' });
    expect(await site.verify('bundles/lab:1')).toMatchObject(WHOLE);
  });

  it('without the project is told of before the first byte, with its name', async () => {
    await using site = await startSite();
    const error = await thrownBy(site.push('missing/lab:1'));
    expect(error.code).toBe('ERR_REGISTRY_DENIED');
    expect(error.message).toContain('project missing not found');
    const sent = site.harbor.log.entries.filter(({ topic }) => topic === 'upload');
    expect(sent.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0)).toBe(0);
  });

  it.each(FORMS)(
    'brings a bundle in %s to the next site by replication, and later what is new',
    async (_, layers) => {
      await using north = await startSite();
      await using south = await startSite();
      const name = 'bundles/lab';
      await north.push(`${name}:1`, { layers });
      await replicate(north.harbor.content, south.harbor.content, { name });
      expect(await south.verify(`${name}:1`)).toMatchObject(WHOLE);
      await north.push(`${name}:2`, { path: north.at('next.tar'), layers });
      const copied = await replicate(north.harbor.content, south.harbor.content, { name });
      expect(copied.filter((what) => what.startsWith('sha256:')).length).toBeLessThan(
        layers === undefined ? 10 : 20,
      );
      expect(await south.verify(`${name}:2`)).toMatchObject({ ok: true, root: NEXT.plan.root });
      const install = {
        path: `oci://${south.harbor.host}/${name}:1`,
        targets: { files: south.at('out') },
        registriesFile: south.at('registries.yaml'),
      };
      expect(await installBundle(install, { ...NOBODY, home: south.at('home') })).toMatchObject({
        root: WHOLE.root,
      });
    },
  );

  it('brings a bundle whole by a filter for its tag alone: parts come with their index', async () => {
    await using north = await startSite();
    await using south = await startSite();
    await north.push('bundles/lab:1', { layers: 12 });
    await replicate(north.harbor.content, south.harbor.content, { name: 'bundles/lab', tags: /^1$/ });
    expect(await south.verify('bundles/lab:1')).toMatchObject(WHOLE);
  });
});
