import { VERSION_LIST } from '../products/rancher-desktop/version-list.ts';
import { bundleFiles, type Client, curlOf, isPlainPath, type Scene, type Step } from './client.ts';

/** Returns how to provide Rancher Desktop's files: it reads a local folder and contacts no server of ours. */
export function rancherDesktop(scene: Scene): Client | undefined {
  const { items } = scene.overview;
  const list = items.find(({ kind }) => kind === 'k3s-versions');
  if (list === undefined) return undefined;
  const hasKubectl = items.some(({ kind }) => kind === 'kubectl');
  const targets = ['--rancher-desktop', ...(hasKubectl ? ['--kuberlr'] : [])].join(' ');
  const path = list.files?.find(({ name }) => name === VERSION_LIST)?.path;
  return {
    id: 'rancher-desktop',
    title: 'Rancher Desktop',
    steps: [
      {
        text: 'Rancher Desktop takes K3s from a folder of the workstation. Bring the bundle there and run, as the user of the desktop:',
        command: bundleFiles(scene.overview)
          .map((file) => `bundle install ${file} ${targets}`)
          .join('\n'),
      },
      ...(isPlainPath(path) ? byHand(scene, path) : []),
    ],
  };
}

/** The folders are those of `rdctl paths`, key `cache`. */
function byHand(scene: Scene, path: string): readonly Step[] {
  const [curl, url] = [`${curlOf(scene)} --create-dirs`, `${scene.address.origin}${path}`];
  return [
    {
      text: `By hand, with Rancher Desktop closed: ${VERSION_LIST} goes into the root of its cache, where it takes the place of the list that is there ("bundle install" merges the two). The files of each K3s release go into k3s/VERSION beside it. On Linux:`,
      command: `${curl} -o "\${XDG_CACHE_HOME:-$HOME/.cache}/rancher-desktop/${VERSION_LIST}" \\\n  ${url}`,
    },
    {
      text: 'On macOS:',
      command: `${curl} -o "$HOME/Library/Caches/rancher-desktop/${VERSION_LIST}" \\\n  ${url}`,
    },
    {
      text: 'On Windows, in PowerShell:',
      command: `${curl.replace('curl', 'curl.exe')} -o "$env:LOCALAPPDATA\\rancher-desktop\\cache\\${VERSION_LIST}" ${url}`,
    },
  ];
}
