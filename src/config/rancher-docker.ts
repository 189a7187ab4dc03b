import { shellWord } from './shell-word.ts';
import { type ConfigFile, type Site, systemDefaultRegistry } from './site.ts';

/** Path on the container's host of the file that `bundle config registries.yaml` prints. */
const REGISTRIES_FILE = '/opt/registries.yaml';

/**
 * Returns the command that runs Rancher in a single container with everything from the registry. The K3s inside reads
 * `registries.yaml`; the Docker that runs it needs its own CA and login.
 */
export function rancherDocker(site: Site, options: { readonly tag: string }): ConfigFile {
  const image = `${site.host}/${site.repositoryOf('docker.io/rancher/rancher')}:${options.tag}`;
  const environment = [
    `CATTLE_SYSTEM_DEFAULT_REGISTRY=${systemDefaultRegistry(site)}`,
    // Use the charts inside the image instead of cloning them from GitHub.
    'CATTLE_SYSTEM_CATALOG=bundled',
  ];
  const volumes = [
    `${REGISTRIES_FILE}:/etc/rancher/k3s/registries.yaml`,
    // registries.yaml names this path inside the container.
    ...(site.caFile === undefined ? [] : [`${site.caFile}:${site.caFile}:ro`]),
  ];
  const lines = [
    'docker run -d --restart=unless-stopped --privileged',
    '-p 80:80 -p 443:443',
    ...environment.map((each) => `-e ${shellWord(each)}`),
    ...volumes.map((each) => `-v ${shellWord(each)}`),
    shellWord(image),
  ];
  // A comment after a backslash would end the command, so comments come first.
  return { path: 'run-rancher.sh', text: `${[...preparations(site), lines.join(' \\\n  ')].join('\n')}\n` };
}

function preparations(site: Site): readonly string[] {
  const { host, caFile, username, scheme } = site;
  const certificates = `/etc/docker/certs.d/${host}`;
  return [
    `# ${REGISTRIES_FILE} is what "bundle config registries.yaml" prints with the same options, the password filled in.`,
    ...(scheme === 'http'
      ? [
          `# Docker speaks plain HTTP only to hosts that its daemon.json names: see "bundle config daemon.json".`,
        ]
      : []),
    ...(caFile === undefined
      ? []
      : [
          '# Docker has to trust the authority as well:',
          `mkdir -p ${shellWord(certificates)} && cp ${shellWord(caFile)} ${shellWord(`${certificates}/ca.crt`)}`,
        ]),
    ...(username === undefined ? [] : [`docker login --username ${shellWord(username)} ${shellWord(host)}`]),
  ];
}
