import * as z from 'zod';
import { text } from '../../fields.ts';
import { goFlag, goList, goText } from '../go-values.ts';

/** What an ImageSetConfiguration says (openshift/oc-mirror, `internal/pkg/api/v2alpha1`); nothing else may be in it. */
export interface ImageSet {
  /** GiB */
  readonly archiveSize?: number | null | undefined;
  readonly mirror: {
    readonly platform?: ImageSetPlatform | null | undefined;
    readonly operators: readonly ImageSetOperator[];
    readonly additionalImages: readonly ImageSetImage[];
    readonly helm?: ImageSetHelm | null | undefined;
    readonly blockedImages: readonly { readonly name: string }[];
    readonly samples: readonly { readonly name: string }[];
  };
}

interface Platform {
  readonly os: string;
  readonly architecture: string;
}

export interface ImageSetPlatform {
  readonly graph: boolean;
  readonly channels: readonly ImageSetChannel[];
  readonly architectures: readonly string[];
  readonly platforms: readonly Platform[];
  readonly release: string;
  readonly kubeVirtContainer: boolean;
}

export interface ImageSetChannel {
  readonly name: string;
  readonly type: 'ocp' | 'okd';
  readonly minVersion: string;
  readonly maxVersion: string;
  readonly shortestPath: boolean;
  readonly full: boolean;
}

interface VersionRange {
  readonly minVersion: string;
  readonly maxVersion: string;
}

export interface ImageSetOperator {
  readonly catalog: string;
  readonly packages: readonly (VersionRange & {
    readonly name: string;
    readonly channels: readonly (VersionRange & { readonly name: string })[];
    readonly defaultChannel: string;
  })[];
  readonly targetCatalog: string;
  readonly targetTag: string;
  readonly full: boolean;
  readonly skipDependencies: boolean;
  readonly targetCatalogSourceTemplate: string;
  readonly platforms: readonly Platform[];
}

export interface ImageSetImage {
  readonly name: string;
  readonly targetRepo: string;
  readonly targetTag: string;
  readonly platforms: readonly Platform[];
}

export interface ImageSetHelm {
  readonly repositories: readonly {
    readonly url: string;
    readonly name: string;
    readonly charts: readonly ImageSetChart[];
  }[];
  readonly local: readonly ImageSetChart[];
}

export interface ImageSetChart {
  readonly name: string;
  readonly version: string;
  readonly path: string;
  readonly imagePaths: readonly string[];
  readonly platforms: readonly Platform[];
}

const version = z
  .string()
  .regex(/^(?:\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)?$/, 'a version such as 4.20.3')
  .nullish()
  .transform((value) => value ?? '');

const platforms = goList(z.strictObject({ os: text, architecture: text }));

const channel: z.ZodType<ImageSetChannel> = z.strictObject({
  name: text,
  type: z
    .enum(['ocp', 'okd'])
    .nullish()
    .transform((value) => value ?? 'ocp'),
  minVersion: version,
  maxVersion: version,
  shortestPath: goFlag,
  full: goFlag,
});

const range = { minVersion: goText, maxVersion: goText };

const operator: z.ZodType<ImageSetOperator> = z.strictObject({
  catalog: text,
  packages: goList(
    z.strictObject({
      name: text,
      channels: goList(z.strictObject({ name: text, ...range })),
      defaultChannel: goText,
      ...range,
    }),
  ),
  targetCatalog: goText,
  targetTag: goText,
  full: goFlag,
  skipDependencies: goFlag,
  targetCatalogSourceTemplate: goText,
  platforms,
});

const chart: z.ZodType<ImageSetChart> = z.strictObject({
  name: text,
  version: goText,
  path: goText,
  imagePaths: goList(z.string()),
  platforms,
});

const platform: z.ZodType<ImageSetPlatform> = z.strictObject({
  graph: goFlag,
  channels: goList(channel),
  architectures: goList(z.enum(['amd64', 'arm64', 'ppc64le', 's390x', 'multi'])),
  platforms,
  release: goText,
  kubeVirtContainer: goFlag,
});

export const imageSetSchema: z.ZodType<ImageSet> = z.strictObject({
  kind: z.literal('ImageSetConfiguration'),
  apiVersion: z.string().optional(),
  archiveSize: z.int().nullish(),
  mirror: z.strictObject({
    platform: platform.nullish(),
    operators: goList(operator),
    additionalImages: goList(
      z.strictObject({ name: text, targetRepo: goText, targetTag: goText, platforms }),
    ),
    helm: z
      .strictObject({
        repositories: goList(z.strictObject({ url: text, name: goText, charts: goList(chart) })),
        local: goList(chart),
      })
      .nullish(),
    blockedImages: goList(z.strictObject({ name: text })),
    samples: goList(z.strictObject({ name: text })),
  }),
});
