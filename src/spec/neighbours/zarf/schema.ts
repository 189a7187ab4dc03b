import * as z from 'zod';
import { text } from '../../fields.ts';
import { goList, goText } from '../go-values.ts';

/** A package of Zarf (zarf-dev/zarf, `src/api/v1alpha1`). What is for deploying alone is read, and not looked at. */
export interface ZarfPackage {
  readonly metadata?: { readonly architecture: string } | null | undefined;
  readonly components: readonly ZarfComponent[];
}

export interface ZarfComponent {
  readonly name: string;
  readonly only?: ZarfOnly | null | undefined;
  readonly import?: unknown;
  readonly images: readonly string[];
  readonly imageTars: readonly unknown[];
  readonly imageArchives: readonly ZarfArchive[];
  readonly charts: readonly ZarfChart[];
  readonly manifests: readonly ZarfManifest[];
  readonly files: readonly ZarfFile[];
  readonly repos: readonly string[];
  readonly dataInjections: readonly unknown[];
  readonly actions?: ZarfActions | null | undefined;
  readonly scripts?: unknown;
}

/** An archive of images, and which of them are wanted. */
export interface ZarfArchive {
  readonly path: string;
  readonly images: readonly string[];
}

interface ZarfOnly {
  readonly flavor: string;
  readonly cluster?: { readonly architecture: string } | null | undefined;
}

export interface ZarfActions {
  readonly onCreate?: unknown;
  readonly onDeploy?: unknown;
  readonly onRemove?: unknown;
}

export interface ZarfChart {
  readonly name: string;
  readonly version: string;
  readonly url: string;
  readonly repoName: string;
  readonly gitPath: string;
  readonly localPath: string;
  readonly valuesFiles: readonly string[];
  readonly templatedValuesFiles: readonly string[];
}

interface ZarfManifest {
  readonly files: readonly string[];
  readonly kustomizations: readonly string[];
}

export interface ZarfFile {
  readonly source: string;
  readonly shasum: string;
  readonly extractPath: string;
}

/** Of no meaning for what is carried. */
export const deploying: z.ZodOptional<z.ZodUnknown> = z.unknown().optional();

const chart: z.ZodType<ZarfChart> = z.strictObject({
  name: text,
  version: goText,
  url: goText,
  repoName: goText,
  gitPath: goText,
  localPath: goText,
  valuesFiles: goList(text),
  templatedValuesFiles: goList(text),
  namespace: deploying,
  releaseName: deploying,
  noWait: deploying,
  variables: deploying,
  values: deploying,
  schemaValidation: deploying,
  serverSideApply: deploying,
});

const manifest: z.ZodType<ZarfManifest> = z.strictObject({
  name: text,
  files: goList(text),
  kustomizations: goList(text),
  kustomizeAllowAnyDirectory: deploying,
  enableKustomizePlugins: deploying,
  namespace: deploying,
  noWait: deploying,
  template: deploying,
  serverSideApply: deploying,
});

const file: z.ZodType<ZarfFile> = z.strictObject({
  source: text,
  shasum: goText,
  extractPath: goText,
  target: deploying,
  executable: deploying,
  symlinks: deploying,
  template: deploying,
});

const only: z.ZodType<ZarfOnly> = z.strictObject({
  localOS: deploying,
  flavor: goText,
  cluster: z.strictObject({ architecture: goText, distros: deploying }).nullish(),
});

export const archive: z.ZodType<ZarfArchive> = z.strictObject({ path: text, images: goList(text) });

export const actions: z.ZodType<ZarfActions | null | undefined> = z
  .strictObject({ onCreate: deploying, onDeploy: deploying, onRemove: deploying })
  .nullish();

const component: z.ZodType<ZarfComponent> = z.strictObject({
  name: text,
  only: only.nullish(),
  import: z.unknown().optional(),
  images: goList(text),
  imageTars: goList(z.unknown()),
  imageArchives: goList(archive),
  charts: goList(chart),
  manifests: goList(manifest),
  files: goList(file),
  repos: goList(text),
  dataInjections: goList(z.unknown()),
  actions,
  scripts: z.unknown().optional(),
  description: deploying,
  default: deploying,
  required: deploying,
  group: deploying,
  cosignKeyPath: deploying,
  healthChecks: deploying,
});

export const zarfSchema: z.ZodType<ZarfPackage> = z.strictObject({
  kind: z.enum(['ZarfPackageConfig', 'ZarfInitConfig']),
  apiVersion: z.literal('zarf.dev/v1alpha1').optional(),
  metadata: z.object({ architecture: goText }).nullish(),
  components: z.array(component).min(1),
  build: deploying,
  constants: deploying,
  variables: deploying,
  values: deploying,
  documentation: deploying,
});
