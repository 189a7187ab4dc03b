import * as z from 'zod';
import { text } from '../../fields.ts';
import { goList, goText } from '../go-values.ts';

/** A definition of Edge Image Builder (suse-edge/edge-image-builder, `pkg/image/definition.go`), as far as it names content. */
export interface EdgeImage {
  readonly image: { readonly arch: 'x86_64' | 'aarch64' };
  readonly operatingSystem?: { readonly packages?: unknown } | null | undefined;
  readonly embeddedArtifactRegistry?: EdgeRegistry | null | undefined;
  readonly kubernetes?: EdgeKubernetes | null | undefined;
}

interface EdgeRegistry {
  readonly images: readonly { readonly name: string; readonly supplyChainKey: string }[];
  readonly registries: readonly unknown[];
}

interface EdgeKubernetes {
  readonly version: string;
  readonly manifests?: { readonly urls: readonly string[] } | null | undefined;
  readonly helm?:
    | { readonly charts: readonly EdgeChart[]; readonly repositories: readonly EdgeRepository[] }
    | null
    | undefined;
}

export interface EdgeChart {
  readonly name: string;
  readonly repositoryName: string;
  readonly version: string;
  readonly valuesFile: string;
  readonly apiVersions: readonly string[];
}

export interface EdgeRepository {
  readonly name: string;
  readonly url: string;
  readonly [other: string]: unknown;
}

/** Of no meaning for what is carried. */
const other = z.unknown().optional();

const chart: z.ZodType<EdgeChart> = z.strictObject({
  name: text,
  repositoryName: text,
  version: text,
  valuesFile: goText,
  apiVersions: goList(text),
  releaseName: other,
  targetNamespace: other,
  createNamespace: other,
  installationNamespace: other,
});

const repository: z.ZodType<EdgeRepository> = z.strictObject({
  name: text,
  url: text,
  caFile: other,
  plainHTTP: other,
  skipTLSVerify: other,
  authentication: other,
});

export const edgeImageSchema: z.ZodType<EdgeImage> = z.strictObject({
  apiVersion: z.union([z.string(), z.number()]),
  image: z.object({ arch: z.enum(['x86_64', 'aarch64']) }),
  operatingSystem: z.object({ packages: z.unknown().optional() }).nullish(),
  embeddedArtifactRegistry: z
    .strictObject({
      images: goList(z.strictObject({ name: text, supplyChainKey: goText })),
      registries: goList(z.unknown()),
    })
    .nullish(),
  kubernetes: z
    .strictObject({
      version: goText,
      network: other,
      nodes: other,
      manifests: z.strictObject({ urls: goList(text) }).nullish(),
      helm: z.strictObject({ charts: goList(chart), repositories: goList(repository) }).nullish(),
    })
    .nullish(),
});
