import { shellWord } from './shell-word.ts';
import { type ConfigFile, type Site, systemDefaultRegistry } from './site.ts';

/** Where the host of the container has the file that `bundle config registries.yaml` prints. */
const REGISTRIES_FILE = '/opt/registries.yaml';

/**
 * Returns the command that runs Rancher in one container with everything from the registry. The K3s inside reads
 * `registries.yaml`; the Docker that runs it needs trust and a login of its own.
 */
export function rancherDocker(site: Site, options: { readonly tag: string }): ConfigFile {
  const image = `${site.host}/${site.repositoryOf('docker.io/rancher/rancher')}:${options.tag}`;
  const environment = [
    `CATTLE_SYSTEM_DEFAULT_REGISTRY=${systemDefaultRegistry(site)}`,
    // The charts inside the image, in place of a clone from GitHub.
    'CATTLE_SYSTEM_CATALOG=bundled',
  ];
  const volumes = [
    `${REGISTRIES_FILE}:/etc/rancher/k3s/registries.yaml`,
    // The path inside is the one that registries.yaml names.
    ...(site.caFile === undefined ? [] : [`${site.caFile}:${site.caFile}:ro`]),
  ];
  const lines = [
    'docker run -d --restart=unless-stopped --privileged',
    '-p 80:80 -p 443:443',
    ...environment.map((each) => `-e ${shellWord(each)}`),
    ...volumes.map((each) => `-v ${shellWord(each)}`),
    shellWord(image),
  ];
  // A comment behind a backslash would end the command there, so comments come before it.
  return { path: 'run-rancher.sh', text: `${[...preparations(site), lines.join(' \\\n  ')].join('\n')}\n` };
}

function preparations(site: Site): readonly string[] {
  const { host, caFile, username, scheme } = site;
  const certificates = `/etc/docker/certs.d/${host}`;
  return [
    `# ${REGISTRIES_FILE} is what "bundle config registries.yaml" prints with the same options, the password filled in.`,
    ...(scheme === 'http'
      ? [
          `# Docker speaks plain HTTP to those alone that its daemon.json names: see "bundle config daemon.json".`,
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
