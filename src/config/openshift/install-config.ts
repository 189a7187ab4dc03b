import semver from 'semver';
import { BASIC_PLACEHOLDER, type ConfigFile } from '../site.ts';
import { certificatesIn } from './certificate.ts';
import { mirrorItems } from './mirror-sets.ts';
import type { OpenshiftSite } from './site.ts';

/** Installers from here on know `imageDigestSources`, and warn of the older key. */
const DIGEST_SOURCES_SINCE = '4.14.0-0';

/** Returns what goes into `install-config.yaml` for a registry: its certificate, its mirrors, its place in the pull secret. */
export function installConfig(site: OpenshiftSite): ConfigFile {
  const { host, mirrors, releases, certificate } = site;
  const isOld = releases.some(
    ({ version }) => semver.valid(version) !== null && semver.lt(version, DIGEST_SOURCES_SINCE),
  );
  const lines = [
    ...(certificate === undefined
      ? []
      : [
          // By default the bundle reaches the nodes only where there is a proxy.
          'additionalTrustBundlePolicy: Always',
          'additionalTrustBundle: |',
          ...certificatesIn(certificate)
            .trimEnd()
            .split('\n')
            .map((line) => `  ${line}`),
        ]),
    isOld ? 'imageContentSources:' : 'imageDigestSources:',
    ...mirrorItems(mirrors.filter(({ isRelease }) => isRelease)),
    `pullSecret: '${pullSecretOf(host)}'`,
  ];
  return { path: 'install-config.yaml', text: `${lines.join('\n')}\n` };
}

/** Returns a pull secret for the registry alone, without its password. */
export function pullSecretOf(host: string): string {
  return JSON.stringify({ auths: { [host]: { auth: BASIC_PLACEHOLDER } } });
}
