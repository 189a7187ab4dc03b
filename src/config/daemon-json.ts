import type { Finding } from '../internal/finding.ts';
import { mirrorOf } from './mirror.ts';
import { type ConfigFile, originOf, type Site } from './site.ts';

/**
 * Returns Docker's `daemon.json`, as far as it can express this: mirrors work only for Docker Hub and have no path,
 * certificates are separate files, and credentials belong to the client (`docker login`).
 */
export function daemonJson(site: Site): {
  readonly file: ConfigFile;
  /** Whether Docker asks the registry for Docker Hub's images. */
  readonly hasMirror: boolean;
  readonly findings: readonly Finding[];
} {
  const { root } = mirrorOf('docker.io', site);
  const hasMirror = root === '';
  const value = {
    'registry-mirrors': hasMirror ? [originOf(site)] : undefined,
    'insecure-registries': site.scheme === 'http' ? [site.host] : undefined,
  };
  return {
    file: { path: 'daemon.json', text: `${JSON.stringify(value, null, 2)}\n` },
    hasMirror,
    findings: findingsOf(site, root),
  };
}

function findingsOf(site: Site, root: string): readonly Finding[] {
  const { host, caFile, username, sources } = site;
  const others = sources.filter((source) => source !== 'docker.io' && source !== host);
  const findings: (Finding | false)[] = [
    root !== '' && {
      level: 'warning',
      message: `Docker takes no mirror with a path, and Docker Hub's images are under "${host}/${root}"`,
      hint: `Pull them by that name: docker pull ${host}/${root}/NAME.`,
    },
    others.length > 0 && {
      level: 'warning',
      message: `Docker mirrors Docker Hub alone: images of ${others.join(', ')} have to be pulled from "${host}" by name`,
    },
    caFile !== undefined && {
      level: 'warning',
      message: `Docker reads certificates from a folder of its own: "${caFile}" belongs at /etc/docker/certs.d/${host}/ca.crt`,
    },
    username !== undefined && {
      level: 'warning',
      message: `Docker keeps credentials with the client: log in as "${username}" with "docker login ${host}"`,
    },
  ];
  return findings.filter((finding) => finding !== false);
}
