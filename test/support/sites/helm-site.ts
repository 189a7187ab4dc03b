import { createHash } from 'node:crypto';
import { sampleChart } from '../samples/sample-chart.ts';

/** A chart of the sample Helm repository. */
export interface SampleHelmChart {
  readonly name: string;
  readonly version: string;
  readonly files?: Readonly<Record<string, string>>;
}

type Entry = readonly [name: string, content: () => Uint8Array];

/** cert-manager's chart as far as its images go, in the shape it has had since 1.11. */
export const CERT_MANAGER_CHART: SampleHelmChart = {
  name: 'cert-manager',
  version: 'v1.15.3',
  files: {
    'values.yaml': [
      'image:',
      '  repository: quay.io/jetstack/cert-manager-controller',
      '  pullPolicy: IfNotPresent',
      'webhook:',
      '  image:',
      '    repository: quay.io/jetstack/cert-manager-webhook',
      'cainjector:',
      '  image:',
      '    repository: quay.io/jetstack/cert-manager-cainjector',
      'acmesolver:',
      '  image:',
      '    repository: quay.io/jetstack/cert-manager-acmesolver',
      'startupapicheck:',
      '  image:',
      '    repository: quay.io/jetstack/cert-manager-startupapicheck',
      '',
    ].join('\n'),
    'templates/deployment.yaml': [
      '          image: "{{ template "image" (tuple .Values.image $.Chart.AppVersion) }}"',
      '          args:',
      '          - --acme-http01-solver-image={{ .repository }}:{{ .tag }}',
      '',
    ].join('\n'),
  },
};

/** Returns the files of a Helm repository: its index, with addresses relative to it, and its charts. */
export function helmFiles(charts: readonly SampleHelmChart[]): readonly Entry[] {
  const packed = charts.map(({ name, version, files }) => ({
    name,
    version,
    file: `charts/${name}-${version}.tgz`,
    bytes: sampleChart(name, version, files),
  }));
  const groups = [...Map.groupBy(packed, ({ name }) => name)].map(([name, versions]) => {
    const entries = versions.map(({ version, file, bytes }) =>
      [
        `  - name: ${name}`,
        `    version: ${version}`,
        `    digest: ${createHash('sha256').update(bytes).digest('hex')}`,
        `    urls: [${file}]`,
      ].join('\n'),
    );
    return `  ${name}:\n${entries.join('\n')}`;
  });
  const index = `apiVersion: v1\nentries:\n${groups.join('\n')}\n`;
  return [
    ['index.yaml', () => Buffer.from(index)],
    ...packed.map(({ file, bytes }): Entry => [file, () => bytes]),
  ];
}
