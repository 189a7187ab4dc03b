import * as z from 'zod';
import {
  parseRke2Architecture,
  RKE2_ARCHITECTURES,
  type Rke2Architecture,
} from '../../products/rke2/architecture.ts';
import { CANAL, CORE, PART, WINDOWS_BUILDS, type WindowsBuild } from '../../products/rke2/asset.ts';
import { parseRke2Tag } from '../../products/rke2/tag.ts';
import { readableBy, text } from '../../spec/fields.ts';
import { startSchema } from '../upgrade.ts';

/** RKE2 nodes: program, images, sums, install scripts. */
export interface Rke2Part {
  readonly versions: readonly string[];
  readonly architectures: readonly Rke2Architecture[];
  /** Parts of the images. */
  readonly images: 'all' | readonly string[];
  readonly windows: readonly WindowsBuild[];
  /** Whether to add the image that upgrades nodes to each version. */
  readonly upgrade?: boolean | undefined;
  /** What is running today, for an upgrade from there. */
  readonly from?: string | undefined;
}

const architecture = text
  .superRefine(readableBy(parseRke2Architecture))
  .meta({ examples: [...RKE2_ARCHITECTURES] })
  .describe('amd64, arm64 or s390x; x86_64 and aarch64 are understood')
  .transform(parseRke2Architecture);

const part = z
  .string()
  .regex(PART, 'a part of the images such as core or canal')
  .refine((name) => name !== 'all', { message: 'it is no part', params: { hint: 'Write "images: all".' } });

export const rke2Schema: z.ZodType<Rke2Part> = z.strictObject({
  versions: z
    .array(
      text.describe(
        'an exact tag (v1.31.2+rke2r1), X.Y.Z (its highest build that serves every architecture) or a channel (stable)',
      ),
    )
    .min(1)
    .meta({ examples: [['v1.31.2+rke2r1', '1.31.2', 'stable']] }),
  architectures: z.array(architecture).min(1),
  from: startSchema({
    product: 'RKE2',
    parse: parseRke2Tag,
    minor: 'v1.28.x',
    example: 'v1.28.4+rke2r1',
  }).optional(),
  images: z
    .union([z.literal('all'), z.array(part)])
    .default([CORE, CANAL])
    .meta({ examples: [['core', 'cilium']] })
    .describe(
      'the parts of the images that nodes need: core, the network plugin (canal, calico, cilium, flannel, multus), ingress (traefik, ingress-nginx) and others; all of them; or none, for nodes that pull from a registry',
    ),
  method: z
    .literal('tar', 'the method that works without a package manager: tar')
    .optional()
    .meta({ examples: ['tar'] })
    .describe('how nodes are installed: from the tarball of the release'),
  windows: z
    .array(z.enum(WINDOWS_BUILDS))
    .default([])
    .meta({ examples: [['ltsc2022']] })
    .describe('builds of Windows that agents run on'),
  upgrade: z
    .boolean()
    .optional()
    .meta({ examples: [true] })
    .describe(
      'also the image rancher/rke2-upgrade of each version, with which the system-upgrade-controller upgrades nodes, and Rancher a cluster that it imported; false when left out',
    ),
});
