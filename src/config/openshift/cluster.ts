import type { ConfigFile } from '../site.ts';
import { certificatesIn } from './certificate.ts';
import { objectName, type OpenshiftSite, plainText } from './site.ts';

/** Returns the ConfigMap with the registry's certificate, and the setting that makes a cluster trust it. */
export function certificateObjects(host: string, certificate: string): ConfigFile {
  // A ConfigMap's key cannot have the colon of a port.
  const key = host.replace(/:(\d+)$/, '..$1');
  const lines = [
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata:',
    '  name: registry-config',
    '  namespace: openshift-config',
    'data:',
    `  ${plainText(key)}: |`,
    ...certificatesIn(certificate)
      .trimEnd()
      .split('\n')
      .map((line) => `    ${line}`),
    '---',
    'apiVersion: config.openshift.io/v1',
    'kind: Image',
    'metadata:',
    '  name: cluster',
    'spec:',
    '  additionalTrustedCA:',
    '    name: registry-config',
  ];
  return { path: 'openshift-ca.yaml', text: `${lines.join('\n')}\n` };
}

/** Returns the settings of the Samples Operator, and in comments how to have must-gather. */
export function samplesConfig({ place, releases, samples }: OpenshiftSite): ConfigFile {
  const { carried = [], skipped = [] } = samples ?? {};
  const gathered = releases.flatMap(({ mustGather }) => (mustGather === undefined ? [] : [mustGather]));
  const lines = [
    ...(gathered.length === 0
      ? []
      : [
          '# For support, import the image that the release brings, or name it:',
          '#   oc import-image is/must-gather -n openshift',
          ...gathered.map((image) => `#   oc adm must-gather --image=${image}`),
        ]),
    'apiVersion: samples.operator.openshift.io/v1',
    'kind: Config',
    'metadata:',
    '  name: cluster',
    'spec:',
    ...(carried.length === 0
      ? ['  managementState: Removed']
      : [
          '  managementState: Managed',
          `  samplesRegistry: ${plainText(place)}`,
          ...(skipped.length === 0 ? [] : ['  skippedImagestreams:']),
          ...skipped.map((stream) => `  - ${plainText(stream)}`),
        ]),
  ];
  return { path: 'samples.yaml', text: `${lines.join('\n')}\n` };
}

/** Returns a CatalogSource for each catalog of operators, named after the catalog as oc-mirror names it. */
export function catalogSources({ catalogs }: OpenshiftSite): readonly ConfigFile[] {
  const titles = catalogs.map(({ name }) => catalogTitle(name));
  return catalogs.map(({ name, image }, index) => {
    const short = titles[index] ?? '';
    // Of two catalogs that differ in their folders alone, each is called by its whole name.
    const isTaken = titles.indexOf(short) !== titles.lastIndexOf(short);
    const title = isTaken ? objectName('cs', name.replace(/@.*$/, '')) : short;
    const lines = [
      'apiVersion: operators.coreos.com/v1alpha1',
      'kind: CatalogSource',
      'metadata:',
      `  name: ${title}`,
      '  namespace: openshift-marketplace',
      'spec:',
      `  image: ${plainText(image)}`,
      '  sourceType: grpc',
    ];
    return { path: `${title}.yaml`, text: `${lines.join('\n')}\n` };
  });
}

function catalogTitle(name: string): string {
  const [, repository = '', tag = ''] = /([^/:@]+)(?::([^:@/]+))?(?:@.*)?$/.exec(name) ?? [];
  return objectName('cs', repository, tag.slice(0, 12));
}
