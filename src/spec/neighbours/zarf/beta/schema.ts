import * as z from 'zod';
import { text } from '../../../fields.ts';
import { goList, goText } from '../../go-values.ts';
import { actions, archive, deploying, type ZarfActions, type ZarfArchive } from '../schema.ts';

/** A package of Zarf as `zarf.dev/v1beta1` (zarf-dev/zarf, `src/api/v1beta1`), or one component of it in a file of its own. */
export interface BetaPackage {
  readonly metadata?: { readonly architecture: string } | null | undefined;
  readonly components: readonly BetaComponent[];
  readonly component?: BetaComponent | null | undefined;
}

export interface BetaComponent {
  readonly name: string;
  readonly selector?: { readonly architecture: string; readonly flavor: string } | null | undefined;
  readonly import?: unknown;
  readonly images: readonly BetaImage[];
  readonly imageArchives: readonly ZarfArchive[];
  readonly charts: readonly BetaChart[];
  readonly manifests: readonly BetaManifest[];
  readonly files: readonly BetaFile[];
  readonly repositories: readonly unknown[];
  readonly actions?: ZarfActions | null | undefined;
}

export interface BetaImage {
  readonly name: string;
  /** `registry` when left out. */
  readonly source: string;
}

export interface BetaChart {
  readonly name: string;
  readonly valuesFiles: readonly { readonly path: string; readonly template?: unknown }[];
  readonly helmRepository?:
    | { readonly name: string; readonly url: string; readonly version: string }
    | null
    | undefined;
  readonly oci?:
    | {
        readonly url: string;
        readonly ref?: { readonly tag: string; readonly digest: string } | null | undefined;
      }
    | null
    | undefined;
  readonly local?: { readonly path: string } | null | undefined;
  readonly git?: unknown;
}

interface BetaManifest {
  readonly files: readonly string[];
  readonly kustomize?: unknown;
}

interface BetaFile {
  readonly source: string;
  readonly checksum: string;
  readonly extractPath: string;
}

const chart: z.ZodType<BetaChart> = z.strictObject({
  name: text,
  valuesFiles: goList(z.strictObject({ path: text, template: deploying })),
  helmRepository: z.strictObject({ name: goText, url: text, version: goText }).nullish(),
  oci: z
    .strictObject({ url: text, ref: z.strictObject({ tag: goText, digest: goText }).nullish() })
    .nullish(),
  local: z.strictObject({ path: text }).nullish(),
  git: deploying,
  namespace: deploying,
  releaseName: deploying,
  noWait: deploying,
  wait: deploying,
  values: deploying,
  schemaValidation: deploying,
  serverSideApply: deploying,
});

const manifest: z.ZodType<BetaManifest> = z.strictObject({
  name: text,
  files: goList(text),
  kustomize: deploying,
  namespace: deploying,
  noWait: deploying,
  wait: deploying,
  template: deploying,
  serverSideApply: deploying,
});

const file: z.ZodType<BetaFile> = z.strictObject({
  source: text,
  checksum: goText,
  extractPath: goText,
  destination: deploying,
  executable: deploying,
  symlinks: deploying,
  template: deploying,
});

const component: z.ZodType<BetaComponent> = z.strictObject({
  name: text,
  selector: z.strictObject({ architecture: goText, flavor: goText }).nullish(),
  import: deploying,
  images: goList(z.strictObject({ name: text, source: goText })),
  imageArchives: goList(archive),
  charts: goList(chart),
  manifests: goList(manifest),
  files: goList(file),
  repositories: goList(z.unknown()),
  actions,
  description: deploying,
  optional: deploying,
  target: deploying,
  healthChecks: deploying,
  features: deploying,
});

export const betaSchema: z.ZodType<BetaPackage> = z.strictObject({
  kind: z.enum(['ZarfPackageConfig', 'ZarfInitConfig', 'ZarfComponentConfig']),
  apiVersion: z.literal('zarf.dev/v1beta1'),
  metadata: z.object({ architecture: goText }).nullish(),
  components: goList(component),
  component: component.nullish(),
  build: deploying,
  constants: deploying,
  variables: deploying,
  values: deploying,
  documentation: deploying,
});
