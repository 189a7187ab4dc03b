import * as z from 'zod';
import { parsePlatform } from '../oci/platform.ts';
import { parseReference } from '../oci/reference.ts';
import {
  K3S_ARCHITECTURES,
  type K3sArchitecture,
  parseK3sArchitecture,
} from '../products/k3s/architecture.ts';
import { type ChartPart, chartSchema } from './parts/charts.ts';
import { type RancherPart, rancherSchema } from './parts/rancher.ts';
import { readableBy } from './yaml/readable-by.ts';

/**
 * The one definition of the spec file: the program validates with it, and `bundle-spec/schema/spec.schema.json` is
 * generated from it. Field names are the contract with users.
 */

/** The content of a `registries.yaml`. */
export interface Registries {
  readonly mirrors?: Readonly<Record<string, RegistryMirror | null>> | undefined;
  readonly configs?: Readonly<Record<string, RegistryConfig>> | undefined;
}

/** Where a registry is really asked, in order; its own host comes last. */
interface RegistryMirror {
  readonly endpoint?: readonly string[] | undefined;
  /** Regular expression → replacement, on the repository name, for mirrors only. */
  readonly rewrite?: Readonly<Record<string, string>> | undefined;
}

/** How one host of a registry is spoken to. */
export interface RegistryConfig {
  readonly auth?:
    | {
        readonly username?: string | undefined;
        readonly password?: string | undefined;
        /** base64 of `username:password` */
        readonly auth?: string | undefined;
        readonly identity_token?: string | undefined;
      }
    | undefined;
  readonly tls?:
    | {
        readonly ca_file?: string | undefined;
        readonly cert_file?: string | undefined;
        readonly key_file?: string | undefined;
        readonly insecure_skip_verify?: boolean | undefined;
      }
    | undefined;
}

/** Where everything that is not an image is fetched from. */
export interface Upstreams {
  readonly k3sChannels: string;
  readonly k3sReleases: string;
  readonly k3sDownloads: string;
  readonly k3sSource: string;
  readonly kubernetes: string;
  readonly rancherDownloads: string;
}

/** All that Rancher Desktop needs offline. */
export interface RancherDesktopPart {
  readonly versions: readonly string[];
  /** Of the desktops. */
  readonly platforms: readonly string[];
  readonly kubectl: 'per-version' | 'minimal';
  /** The oldest Rancher Desktop release that must be served. */
  readonly minimumRelease?: string | undefined;
}

/** K3s nodes: binary, airgap images, sums, install.sh. */
export interface K3sPart {
  readonly versions: readonly string[];
  readonly architectures: readonly K3sArchitecture[];
}

export interface KubectlPart {
  readonly versions: readonly string[];
  readonly platforms: readonly string[];
}

export interface FilePart {
  readonly url: string;
  /** 64 hex digits. */
  readonly sha256?: string | undefined;
  readonly name?: string | undefined;
}

/** A reference, or one with platforms of its own. */
export type ImagePart =
  | string
  | { readonly reference: string; readonly platforms?: readonly string[] | undefined };

/** A decoded spec file, defaults filled in. */
export interface Spec {
  readonly bundle: 1;
  readonly name: string;
  readonly platforms?: readonly string[] | undefined;
  readonly images: readonly ImagePart[];
  readonly imageLists: readonly string[];
  /** Lists of the digests that images are to have. */
  readonly imageDigests: readonly string[];
  readonly rancher?: RancherPart | undefined;
  readonly charts: readonly ChartPart[];
  readonly rancherDesktop?: RancherDesktopPart | undefined;
  readonly k3s?: K3sPart | undefined;
  readonly kubectl?: KubectlPart | undefined;
  readonly files: readonly FilePart[];
  readonly registries?: string | Registries | undefined;
  /** Whether signatures and the like travel with their images; true when left out. */
  readonly signatures?: boolean | undefined;
  readonly upstreams: Upstreams;
}

const text = z.string().min(1, { abort: true });
const platform = text
  .superRefine(readableBy(parsePlatform))
  .describe('OS/ARCHITECTURE[/VARIANT], for example linux/amd64');
const reference = text
  .superRefine(readableBy(parseReference))
  .describe('[REGISTRY/]REPOSITORY[:TAG][@DIGEST]; short names are Docker Hub’s, as Docker reads them');
const platforms = z.array(platform).min(1);
const k3sVersion = text.describe(
  'an exact tag (v1.30.6+k3s1), X.Y.Z (its highest build that serves every architecture) or a channel (stable)',
);
const url = z.url({ protocol: /^https?$/ });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits');

const image = z.union([reference, z.strictObject({ reference, platforms: platforms.optional() })]);

const rancherDesktop = z.strictObject({
  versions: z.array(k3sVersion).min(1),
  platforms: platforms.describe('of the desktops'),
  kubectl: z.enum(['per-version', 'minimal']).default('per-version'),
  minimumRelease: z
    .string()
    .regex(/^\d+\.\d+(\.\d+)?$/, 'a Rancher Desktop release such as 1.6 or 1.19.0')
    .optional()
    .describe('the oldest Rancher Desktop that must be served; 1.6 or older adds the .tar image archives'),
});

const k3sArchitecture = text
  .superRefine(readableBy(parseK3sArchitecture))
  .meta({ examples: [...K3S_ARCHITECTURES] })
  .describe('amd64, arm (also armhf), arm64 or s390x; x86_64 and aarch64 are understood')
  .transform(parseK3sArchitecture);

const k3s = z.strictObject({
  versions: z.array(k3sVersion).min(1),
  architectures: z.array(k3sArchitecture).min(1),
});

const kubectl = z.strictObject({ versions: z.array(text).min(1), platforms });

const file = z.strictObject({
  url,
  sha256: sha256.optional().describe('left out: pinned in the lock at the first build'),
  name: z
    .string()
    .regex(/^(?!\.{1,2}$)[^/\\:*?"<>|\p{Cc}]+$/u, 'a plain file name')
    .optional()
    .describe('file name in the bundle; the last part of the URL when left out'),
});

const auth = z.strictObject({
  username: z.string().optional(),
  password: z.string().optional(),
  auth: z.string().optional(),
  identity_token: z.string().optional(),
});

const tls = z
  .strictObject({
    ca_file: text.optional(),
    cert_file: text.optional(),
    key_file: text.optional(),
    insecure_skip_verify: z.boolean().optional(),
  })
  .superRefine((value, context) => {
    if ((value.cert_file === undefined) === (value.key_file === undefined)) return;
    context.addIssue({ code: 'custom', message: '"cert_file" and "key_file" go together, one is missing' });
  });

const rewrite = z.record(z.string(), z.string()).superRefine((rules, context) => {
  for (const pattern of Object.keys(rules)) {
    if (!isPattern(pattern))
      context.addIssue({ code: 'custom', path: [pattern], message: 'it is not a regular expression' });
  }
});

/** K3s `registries.yaml` (rancher/wharfie, `pkg/registries/types.go`). An empty mirror entry is allowed there. */
export const registriesSchema: z.ZodType<Registries> = z.strictObject({
  mirrors: z
    .record(
      z.string(),
      z
        .strictObject({
          endpoint: z.array(text).optional(),
          rewrite: rewrite.optional(),
        })
        .nullable(),
    )
    .optional(),
  configs: z.record(z.string(), z.strictObject({ auth: auth.optional(), tls: tls.optional() })).optional(),
});

const upstreams = z.strictObject({
  k3sChannels: url.default('https://update.k3s.io/v1-release/channels'),
  k3sReleases: url.default('https://api.github.com/repos/k3s-io/k3s/releases'),
  k3sDownloads: url.default('https://github.com/k3s-io/k3s/releases/download'),
  k3sSource: url.default('https://raw.githubusercontent.com/k3s-io/k3s'),
  kubernetes: url.default('https://dl.k8s.io'),
  rancherDownloads: url.default('https://github.com/rancher/rancher/releases/download'),
});

/** The name of a spec, which its lock and its bundle have too. */
export const specName: z.ZodString = z
  .string()
  .regex(/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/, 'lower-case letters, digits and single . _ - between them')
  .max(128);

export const specSchema: z.ZodType<Spec> = z.strictObject({
  bundle: z.literal(1).describe('spec version'),
  name: specName,
  platforms: platforms.optional().describe('of images; left out, the whole index byte for byte'),
  images: z.array(image).default([]),
  imageLists: z.array(text).default([]),
  imageDigests: z
    .array(text)
    .default([])
    .describe('paths of lists such as rancher-images-digests-linux.txt: what images must be'),
  rancher: rancherSchema.optional(),
  charts: z.array(chartSchema).default([]),
  rancherDesktop: rancherDesktop.optional(),
  k3s: k3s.optional(),
  kubectl: kubectl.optional(),
  files: z.array(file).default([]),
  registries: z.union([text.describe('path of a registries.yaml'), registriesSchema]).optional(),
  signatures: z
    .boolean()
    .optional()
    .describe('signatures, attestations and the like travel with their images; true when left out'),
  upstreams: upstreams.prefault({}),
});

function isPattern(text: string): boolean {
  try {
    // Go, which reads the same file, writes a group with a name as `(?P<name>…)`.
    return new RegExp(text.replaceAll('(?P<', '(?<')) instanceof RegExp;
  } catch {
    // A SyntaxError is the answer.
    return false;
  }
}
