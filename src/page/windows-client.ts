import { hexOf } from '../oci/digest.ts';
import {
  bundleFiles,
  type Client,
  curlOf,
  isPlainPath,
  isPlainWord,
  nameable,
  nameHere,
  type Scene,
  type Step,
} from './client.ts';
import { dockerSettings } from './image-clients.ts';

/** Returns what a Windows desktop does from this page, with what Windows 10 and later bring: PowerShell, curl.exe and certutil. */
export function windows(scene: Scene): Client | undefined {
  const steps = [...programSteps(scene), ...bundleSteps(scene), ...fileSteps(scene), ...imageSteps(scene)];
  return steps.length === 0 ? undefined : { id: 'windows', title: 'Windows', steps };
}

/** The script sends no password. */
function programSteps({ overview: { kit }, address, hasPassword }: Scene): readonly Step[] {
  const has = kit?.platforms.some((platform) => platform.startsWith('windows/')) ?? false;
  if (!has || hasPassword) return [];
  return [
    {
      text: 'This program, in PowerShell, into the folder of the user who types it:',
      command: `irm ${address.origin}/kit/install.ps1 | iex`,
    },
  ];
}

function bundleSteps(scene: Scene): readonly Step[] {
  const { overview, address } = scene;
  const paths = overview.holdings.flatMap(({ downloads = [] }) => downloads).filter(isPlainPath);
  if (paths.length === 0) return [];
  const has = (kind: string): boolean => overview.items.some((item) => item.kind === kind);
  const targets = [
    ...(has('k3s-versions') ? [' --rancher-desktop'] : []),
    ...(has('kubectl') ? [' --kuberlr'] : []),
  ].join('');
  const names = bundleFiles(overview);
  const installs = targets === '' ? [] : names.map((name) => `bundle install ${name}${targets}`);
  return [
    {
      text: 'The bundle, in PowerShell or cmd.exe; a download that was cut short goes on when the same line is run again:',
      command: paths.map((path) => `${windowsCurl(scene)} -C - -O ${address.origin}${path}`).join('\n'),
    },
    {
      text: `Verify it${targets === '' ? '' : ', and install it for this user'}:`,
      command: [...names.map((name) => `bundle verify ${name}`), ...installs].join('\n'),
    },
  ];
}

/** A colon in a name means another thing on Windows, and certutil refuses an empty file. */
function fileSteps(scene: Scene): readonly Step[] {
  const files = scene.overview.items.flatMap((item) => item.files ?? []);
  const file = files.find(
    ({ name, path, size }) => isPlainPath(path) && isPlainWord(name) && !/[/:]/.test(name) && size > 0,
  );
  if (file?.path === undefined) return [];
  return [
    {
      text: 'Any file on this page. The second line prints its checksum if it is right, and nothing if it is not:',
      command: [
        `${windowsCurl(scene)} -o ${file.name} ${scene.address.origin}${file.path}`,
        `certutil -hashfile ${file.name} SHA256 | findstr ${hexOf(file.digest)}`,
      ].join('\n'),
    },
  ];
}

/** Rancher Desktop's own Docker reads its settings inside a virtual machine; its nerdctl needs none. */
function imageSteps({ overview, address, hasPassword }: Scene): readonly Step[] {
  const { host, isPlain } = address;
  const [here] = nameable(overview, 'image').flatMap(({ name }) => nameHere(name) ?? []);
  if (here === undefined) return [];
  const settings = dockerSettings(address, hasPassword);
  return [
    ...(settings === undefined
      ? []
      : [
          {
            text: 'Docker Desktop needs this first: under Settings, Docker Engine, merge it, then Apply & restart:',
            command: settings,
          },
        ]),
    {
      text: 'Images in Docker Desktop, by the name that each has here:',
      command: [...(hasPassword ? [`docker login ${host}`] : []), `docker pull ${host}/${here}`].join('\n'),
    },
    {
      text: 'Images in Rancher Desktop with the engine containerd:',
      command: `nerdctl ${isPlain ? '--insecure-registry ' : ''}pull ${host}/${here}`,
    },
  ];
}

/** PowerShell 5 has another command called curl. */
function windowsCurl(scene: Scene): string {
  return curlOf(scene).replace('curl', 'curl.exe');
}
