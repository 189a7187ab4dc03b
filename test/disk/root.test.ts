import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { requireUnmoved, withinRoot } from '../../src/disk/root.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { thrownBy } from '../support/thrown.ts';

/** Links below a root, by place, and where `usr/local/bin/k3s` lies then; `OUT` is a folder beside the root. */
const CASES: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ['no link', {}, 'usr/local/bin/k3s'],
  ['an absolute link', { 'usr/local': '/opt/local' }, 'opt/local/bin/k3s'],
  ['an absolute link to a folder of this host', { 'usr/local/bin': 'OUT' }, 'OUT/k3s'],
  ['an absolute link with ".."', { 'usr/local': '/../../../opt' }, 'opt/bin/k3s'],
  ['a relative link', { 'usr/local': '../opt/local' }, 'opt/local/bin/k3s'],
  ['a relative link out', { 'usr/local': '../../../../../../out' }, 'out/bin/k3s'],
  ['a link to the root', { 'usr/local': '/' }, 'bin/k3s'],
  ['a link to "."', { 'usr/local': '.' }, 'usr/bin/k3s'],
  ['a link to ".."', { 'usr/local': '..' }, 'bin/k3s'],
  ['a chain', { usr: '/a', a: 'b', b: '../../c', c: '/d' }, 'd/local/bin/k3s'],
  ['a chain within a link', { 'usr/local': '/a/b', a: 'x/y', 'x/y/b': '../z' }, 'x/z/bin/k3s'],
  ['a link at the first part', { usr: '/data/usr' }, 'data/usr/local/bin/k3s'],
  ['a link at the last folder', { 'usr/local/bin': '/bin' }, 'bin/k3s'],
  ['a link at the file itself', { 'usr/local/bin/k3s': '/etc/passwd' }, 'usr/local/bin/k3s'],
  ['a dangling link', { 'usr/local': 'nowhere/at/all' }, 'usr/nowhere/at/all/bin/k3s'],
  ['slashes too many', { 'usr/local': '//opt///local/' }, 'opt/local/bin/k3s'],
];

describe('withinRoot', () => {
  it.each(CASES)('finds what a system sees that has %s', async (_, links, expected) => {
    const { root, out } = scene(links);
    const found = await withinRoot(root, join(root, 'usr/local/bin/k3s'));
    expect(found).toBe(join(root, expected.replace('OUT', out)));
  });

  it('follows a link at the end when the folder is wanted', async () => {
    const { root } = scene({ 'usr/local/bin': '/opt/bin', 'opt/bin': '../../../x' });
    const path = join(root, 'usr/local/bin');
    expect(await withinRoot(root, path)).toBe(path);
    expect(await withinRoot(root, path, { follow: true })).toBe(join(root, 'x'));
  });

  it.each([
    ['itself', { usr: 'usr' }],
    ['itself by its whole path', { usr: '/usr' }],
    ['one that leads back', { usr: '/a', a: '/usr/b' }],
    ['ever more of itself', { usr: 'usr/usr' }],
  ])('refuses a link to %s', async (_, links) => {
    const { root } = scene(links);
    expect(await thrownBy(withinRoot(root, join(root, 'usr/local/bin/k3s')))).toMatchObject({
      code: 'ERR_TARGET_REFUSED',
      message: expect.stringMatching(/its symbolic links lead in a circle$/),
    });
  });

  it('goes through as many links as Linux does', async () => {
    const chain = (count: number): Record<string, string> =>
      Object.fromEntries(
        Array.from({ length: count }, (_, at) => [at === 0 ? 'usr' : `l${at}`, `/l${at + 1}`]),
      );
    const { root } = scene(chain(40));
    expect(await withinRoot(root, join(root, 'usr/k3s'))).toBe(join(root, 'l40/k3s'));
    const longer = scene(chain(41)).root;
    expect((await thrownBy(withinRoot(longer, join(longer, 'usr/k3s')))).code).toBe('ERR_TARGET_REFUSED');
  });

  it('takes a root that is a link for what the user says', async () => {
    const { root, out } = scene({ 'usr/local': '/opt' });
    symlinkSync(root, join(out, 'mnt'));
    const mounted = join(out, 'mnt');
    expect(await withinRoot(mounted, join(mounted, 'usr/local/x'))).toBe(join(mounted, 'opt/x'));
  });

  it('leaves paths below / as they are', async () => {
    const { root } = scene({ 'usr/local': '/opt/local' });
    const path = join(root, 'usr/local/bin/k3s');
    expect(await withinRoot('/', path)).toBe(path);
  });

  it('keeps the file behind a link to a file where it is: what comes next fails there', async () => {
    const { root } = scene({ usr: '/etc/passwd' });
    mkdirSync(join(root, 'etc'));
    writeFileSync(join(root, 'etc/passwd'), '');
    expect(await withinRoot(root, join(root, 'usr/local'))).toBe(join(root, 'etc/passwd/local'));
  });
});

describe('requireUnmoved', () => {
  it('notices a link that came since', async () => {
    const { root, out } = scene({});
    const path = join(root, 'usr/local/bin/k3s');
    const found = await withinRoot(root, path);
    await requireUnmoved(root, path, found);
    mkdirSync(join(root, 'usr'));
    symlinkSync(out, join(root, 'usr/local'));
    expect(await thrownBy(requireUnmoved(root, path, found))).toMatchObject({
      code: 'ERR_TARGET_REFUSED',
      message: expect.stringContaining('its folders were changed in the meantime'),
    });
  });
});

/** A root with links, and a folder beside it that nothing may reach. */
function scene(links: Readonly<Record<string, string>>): { readonly root: string; readonly out: string } {
  const scratch = temporaryFolder();
  onTestFinished(() => scratch[Symbol.dispose]());
  const [root, out] = [join(scratch.path, 'root'), join(scratch.path, 'out')];
  for (const folder of [root, out]) mkdirSync(folder);
  for (const [place, target] of Object.entries(links)) {
    mkdirSync(join(root, place, '..'), { recursive: true });
    symlinkSync(target.replace('OUT', out), join(root, place));
  }
  return { root, out };
}
