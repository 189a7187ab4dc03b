import type { OverviewItem } from './overview.ts';
import {
  bundleFiles,
  type Client,
  curlOf,
  isPlainPath,
  isPlainWord,
  nameable,
  type Scene,
  type Step,
} from './client.ts';
import { INSTALL_SCRIPT } from '../products/distribution/asset.ts';
import { isArchiveName } from '../products/k3s/asset.ts';
import { AGENT_IMAGES, PROJECT } from '../products/k3s/place.ts';
import { servedName } from '../oci/served-name.ts';

const RELEASES = `${PROJECT}/releases`;

/** Returns how to install K3s from here with its own script; old scripts read only `GITHUB_URL`, new ones the other variable. */
export function k3sInstall(scene: Scene): Client | undefined {
  const { overview, address } = scene;
  const { origin } = address;
  const release = nameable(overview, 'k3s').find(
    ({ files = [] }) => pathOf(files, INSTALL_SCRIPT) !== undefined,
  );
  if (release === undefined) return undefined;
  const { name, files = [] } = release;
  const script = pathOf(files, INSTALL_SCRIPT);
  const archive = files.find(
    (file) => isArchiveName(file.name) && isPlainWord(file.name) && isPlainPath(file.path),
  );
  const curl = curlOf(scene);
  return {
    id: 'k3s-install',
    title: 'K3s: installation',
    steps: [
      ...(archive?.path === undefined
        ? []
        : [
            {
              text: 'The images that K3s itself needs, once on every node:',
              command: [
                `sudo mkdir -p ${AGENT_IMAGES}`,
                `sudo ${curl} -o ${AGENT_IMAGES}/${archive.name} \\\n  ${origin}${archive.path}`,
              ].join('\n'),
            },
          ]),
      {
        text: 'The script of the release, told to download from here:',
        command: [
          `${curl} -o ${INSTALL_SCRIPT} ${origin}${script}`,
          `INSTALL_K3S_VERSION=${name} \\`,
          `INSTALL_K3S_ARTIFACT_URL=${origin}/${RELEASES}/download \\`,
          `GITHUB_URL=${origin}/${RELEASES} \\`,
          'INSTALL_K3S_SKIP_SELINUX_RPM=true \\',
          `sh ${INSTALL_SCRIPT}`,
        ].join('\n'),
      },
      ...(scene.hasPassword
        ? [
            {
              text: 'The script sends no password of its own accord; curl takes one for this server from ~/.netrc with "netrc" in ~/.curlrc.',
            },
          ]
        : []),
    ],
  };
}

/** Returns how to point kuberlr, Rancher Desktop's kubectl, here; it supports `KubeMirrorUrl` since version 0.5.0. */
export function kuberlr({ overview, address, hasPassword }: Scene): Client | undefined {
  if (!overview.items.some(({ kind }) => kind === 'kubectl')) return undefined;
  const setting = `KubeMirrorUrl = "${address.origin}"`;
  return {
    id: 'kuberlr',
    title: 'kuberlr and kubectl',
    steps: [
      {
        text: 'kuberlr 0.5.0 and later (Rancher Desktop 1.16 and later) downloads clients from where its configuration says:',
        command: `mkdir -p ~/.kuberlr\necho '${setting}' >> ~/.kuberlr/kuberlr.conf`,
      },
      {
        text: 'On Windows, in %APPDATA%\\kuberlr\\kuberlr.conf:',
        command: setting,
      },
      ...(hasPassword
        ? [
            {
              text: 'kuberlr has no setting for a password. Where this server asks for one, bring it the bundle:',
              command: bundleFiles(overview)
                .map((file) => `bundle install ${file} --kuberlr`)
                .join('\n'),
            },
          ]
        : []),
    ],
  };
}

/** Returns how to point Helm here. */
export function helm({ overview, address, hasPassword }: Scene): Client | undefined {
  const [chart] = nameable(overview, 'chart').flatMap(({ name }) => servedName(name) ?? []);
  if (chart === undefined) return undefined;
  const { origin, host, isPlain } = address;
  const name = chart.repository.slice(chart.repository.lastIndexOf('/') + 1);
  // Registry tags cannot contain "+", so Helm writes "_" instead.
  const version = chart.end.slice(1).replaceAll('_', '+');
  const login = hasPassword ? ' --username USER --password PASSWORD' : '';
  return {
    id: 'helm',
    title: 'Helm',
    steps: [
      {
        text: 'As a repository of charts:',
        command: [
          `helm repo add saddlebag ${origin}/charts${login}`,
          `helm install ${name} saddlebag/${name} --version ${version}`,
        ].join('\n'),
      },
      {
        text: 'Or as a registry:',
        command: [
          ...(hasPassword ? [`helm registry login ${host}${isPlain ? ' --plain-http' : ''}`] : []),
          `helm install ${name} oci://${host}/${chart.repository} --version ${version}${isPlain ? ' --plain-http' : ''}`,
        ].join('\n'),
      },
    ],
  };
}

/** Returns how to download and check a file. */
export function download(scene: Scene): Client | undefined {
  const files = scene.overview.items.flatMap((item) => item.files ?? []);
  const file = files.find(({ name, path }) => isPlainPath(path) && isPlainWord(name));
  if (file?.path === undefined) return undefined;
  const steps: readonly Step[] = [
    {
      text: 'Any file on this page, with its checksum:',
      command: [
        `${curlOf(scene)} -o ${file.name} ${scene.address.origin}${file.path}`,
        `echo '${file.digest.slice('sha256:'.length)}  ${file.name}' | sha256sum -c`,
      ].join('\n'),
    },
  ];
  return { id: 'download', title: 'Downloads', steps };
}

function pathOf(files: NonNullable<OverviewItem['files']>, name: string): string | undefined {
  return files.find((file) => file.name === name && isPlainPath(file.path))?.path;
}
