import * as z from 'zod';
import { path, readableBy, text } from '../../spec/fields.ts';
import { parseChartReference } from './reference.ts';

interface ChartOptions {
  /** Compares the images found in the chart with those in the output of `helm template`. */
  readonly render: boolean;
  /** Path of a YAML file, relative to the spec: values that override those of the chart. */
  readonly values?: string | undefined;
  /** The Kubernetes version to render for. */
  readonly kubeVersion?: string | undefined;
  /** Images to leave out although the chart names them: references, with or without tag. */
  readonly exclude: readonly string[];
}

/** A chart in an HTTP repository. */
export interface RepositoryChart extends ChartOptions {
  readonly repository: string;
  readonly name: string;
  readonly version: string;
}

/** A chart in an OCI registry. */
interface RegistryChart extends ChartOptions {
  /** `oci://registry/repository:version` */
  readonly reference: string;
}

/** A local chart. */
export interface LocalChart extends ChartOptions {
  /** Path of a `.tgz`, relative to the spec. */
  readonly path: string;
}

export type ChartPart = RepositoryChart | RegistryChart | LocalChart;

const common = {
  render: z.boolean().default(false).describe('compare with `helm template`; needs helm on the PATH'),
  values: path.optional().meta({
    description: 'a file of values that go over those of the chart, as helm --values takes it',
    examples: ['./values.yaml'],
  }),
  kubeVersion: text
    .regex(/^v?\d+\.\d+(?:\.\d+)?$/, 'a version of Kubernetes, such as v1.31')
    .optional()
    .meta({
      description: 'for rendering; left out, the newest that the chart says it fits',
      examples: ['v1.31'],
    }),
  exclude: z
    .array(text)
    .default([])
    .meta({
      description: 'images that are not wanted though the chart names them; without a tag, every tag',
      examples: [['quay.io/jetstack/cert-manager-ctl']],
    }),
};

export const chartSchema: z.ZodType<ChartPart> = z.union([
  z.strictObject({
    repository: z
      .url({ protocol: /^https?$/ })
      .meta({ description: 'where index.yaml is', examples: ['https://charts.jetstack.io'] }),
    name: text
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'the name of a chart')
      .meta({ description: 'of the chart in that repository', examples: ['cert-manager'] }),
    version: text
      .regex(/^v?\d+\.\d+\.\d+\S*$/, 'an exact version, such as v1.15.3')
      .meta({ description: 'exact', examples: ['v1.15.3'] }),
    ...common,
  }),
  z.strictObject({
    reference: text.superRefine(readableBy(parseChartReference)).meta({
      description: 'oci://REGISTRY/REPOSITORY:VERSION or @DIGEST',
      examples: ['oci://ghcr.io/lab/app:1.2.3'],
    }),
    ...common,
  }),
  z.strictObject({
    path: path.meta({ description: 'a packed chart (.tgz)', examples: ['./app-1.2.3.tgz'] }),
    ...common,
  }),
]);
