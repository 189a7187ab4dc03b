import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type OpenshiftSite, RELEASES, startOpenshiftSite } from '../../support/sites/openshift-site.ts';
import { problemsOf } from '../../support/thrown.ts';

const PART = `openshift: { releases: ["${RELEASES}:4.20.3-x86_64"], keys: [keys.asc] }\n`;
const AUTH = Buffer.from('puller:secret').toString('base64');

/** Builds with a pull secret of these entries: each stands for a path below the registry. */
async function built(
  site: OpenshiftSite,
  text: (host: string) => string,
): Promise<Awaited<ReturnType<OpenshiftSite['build']>>> {
  const file = join(site.folder, 'pull-secret.txt');
  writeFileSync(file, text(site.quay.host));
  return await site.build(PART, {}, { REGISTRY_AUTH_FILE: file });
}

const auths = (entries: Readonly<Record<string, unknown>>): string => JSON.stringify({ auths: entries });

async function guarded(): Promise<OpenshiftSite> {
  const site = await startOpenshiftSite({
    auth: { scheme: 'basic', username: 'puller', password: 'secret' },
  });
  await site.release({ version: '4.20.3' });
  return site;
}

describe('a pull secret', () => {
  it.each<readonly [string, string]>([
    ['the registry', ''],
    ['a path', '/openshift-release-dev'],
  ])('is read as it was downloaded, with an entry for %s', async (_, path) => {
    const site = await guarded();
    const { items } = await built(site, (host) =>
      auths({ [`${host}${path}`]: { auth: AUTH, email: 'a@b.c' }, 'cloud.openshift.com': { auth: AUTH } }),
    );
    expect(items).toBe(5);
  });

  it.each<readonly [string, (host: string) => string]>([
    ['it has no entry', () => auths({ 'cloud.openshift.com': { auth: AUTH } })],
    ['its entry is for another path', (host) => auths({ [`${host}/redhat`]: { auth: AUTH } })],
    ['its entry has no "auth"', (host) => auths({ [host]: { email: 'a@b.c' } })],
    [
      'its entry has a wrong one',
      (host) => auths({ [host]: { auth: Buffer.from('puller:old').toString('base64') } }),
    ],
  ])('that does not open the release is told, with the registry that wants it: %s', async (_, text) => {
    const site = await guarded();
    const [problem = '', ...others] = await problemsOf(built(site, text));
    expect(others).toEqual([]);
    expect(problem).toMatch(/^ERR_REGISTRY_DENIED /);
    expect(problem).toContain(site.quay.host);
    expect(problem).not.toContain(AUTH);
  });

  it('that is no JSON is told, with its path and nothing of what it says', async () => {
    const site = await guarded();
    const [problem = ''] = await problemsOf(built(site, () => `{"auths": ${AUTH}`));
    expect(problem).toMatch(/^ERR_CREDENTIALS_INVALID .*pull-secret\.txt/);
    expect(problem).not.toContain(AUTH);
  });
});
