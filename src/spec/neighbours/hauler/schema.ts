import * as z from 'zod';
import { text } from '../../fields.ts';
import { goFlag, goList, goText } from '../go-values.ts';

/** Manifests of Hauler (hauler-dev/hauler, `pkg/apis/hauler.cattle.io`): items of v1, which have all that those of v1alpha1 have. */

export interface HaulerImage {
  readonly name: string;
  readonly platform: string;
  readonly [other: string]: unknown;
}

export interface HaulerChart {
  readonly name: string;
  readonly repoURL: string;
  readonly version: string;
  readonly valuesFiles: readonly string[];
  readonly [other: string]: unknown;
}

export interface HaulerFile {
  readonly path: string;
  readonly name: string;
  readonly [other: string]: unknown;
}

export interface HaulerDocument<Spec> {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: Spec;
}

const image = z.strictObject({
  name: text,
  platform: goText,
  rewrite: goText,
  local: goFlag,
  key: goText,
  'use-tlog-verify': goFlag,
  'certificate-identity': goText,
  'certificate-identity-regexp': goText,
  'certificate-oidc-issuer': goText,
  'certificate-oidc-issuer-regexp': goText,
  'certificate-github-workflow-repository': goText,
  'exclude-extras': goFlag,
  'ca-file': goText,
  'insecure-skip-tls-verify': goFlag,
});

const chart = z.strictObject({
  name: text,
  repoURL: goText,
  version: goText,
  rewrite: goText,
  valuesFiles: goList(text),
  platform: goText,
  'add-images': goFlag,
  'add-dependencies': goFlag,
  'exclude-extras': goFlag,
  verify: goFlag,
  keyring: goText,
  usernameEnv: goText,
  passwordEnv: goText,
  passCredentialsAll: goFlag,
  certFile: goText,
  keyFile: goText,
  caFile: goText,
  insecureSkipTLSVerify: goFlag,
  plainHTTP: goFlag,
});

const file = z.strictObject({
  path: text,
  name: goText,
  'ca-file': goText,
  'insecure-skip-tls-verify': goFlag,
});

const metadata = z
  .object({ annotations: z.record(z.string(), z.string()).nullish() })
  .nullish()
  .transform((value) => value?.annotations ?? {});

function document<Spec>(spec: z.ZodType<Spec>): z.ZodType<HaulerDocument<Spec>> {
  return z
    .strictObject({ apiVersion: z.string(), kind: z.string(), metadata, spec })
    .transform(({ metadata: annotations, spec: content }) => ({ annotations, spec: content }));
}

export const IMAGES: z.ZodType<HaulerDocument<{ readonly images: readonly HaulerImage[] }>> = document(
  z.strictObject({ images: goList(image) }),
);

export const CHARTS: z.ZodType<HaulerDocument<{ readonly charts: readonly HaulerChart[] }>> = document(
  z.strictObject({ charts: goList(chart) }),
);

export const FILES: z.ZodType<HaulerDocument<{ readonly files: readonly HaulerFile[] }>> = document(
  z.strictObject({ files: goList(file) }),
);
