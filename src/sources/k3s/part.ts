import * as z from 'zod';
import {
  K3S_ARCHITECTURES,
  type K3sArchitecture,
  parseK3sArchitecture,
} from '../../products/k3s/architecture.ts';
import { parseK3sTag } from '../../products/k3s/tag.ts';
import { readableBy, text } from '../../spec/fields.ts';
import { startSchema } from '../upgrade.ts';

/** K3s nodes: binary, airgap images, sums, install.sh. */
export interface K3sPart {
  readonly versions: readonly string[];
  readonly architectures: readonly K3sArchitecture[];
  /** Whether to add the image that upgrades nodes to each version. */
  readonly upgrade?: boolean | undefined;
  /** What is running today, for an upgrade from there. */
  readonly from?: string | undefined;
}

export const k3sVersions: z.ZodType<readonly string[]> = z
  .array(
    text.describe(
      'an exact tag (v1.30.6+k3s1), X.Y.Z (its highest build that serves every architecture) or a channel (stable)',
    ),
  )
  .min(1)
  .meta({ examples: [['v1.30.6+k3s1', '1.31.2', 'stable']] });

/** Returns the schema of the K3s that `product` runs today. */
export function k3sStart(product: 'K3s' | 'Rancher Desktop'): z.ZodType<string> {
  return startSchema({
    product: product === 'K3s' ? 'K3s' : 'K3s of Rancher Desktop',
    parse: parseK3sTag,
    minor: 'v1.27.x',
    example: 'v1.27.4+k3s1',
  });
}

const architecture = text
  .superRefine(readableBy(parseK3sArchitecture))
  .meta({ examples: [...K3S_ARCHITECTURES] })
  .describe('amd64, arm (also armhf), arm64 or s390x; x86_64 and aarch64 are understood')
  .transform(parseK3sArchitecture);

export const k3sSchema: z.ZodType<K3sPart> = z.strictObject({
  versions: k3sVersions,
  architectures: z.array(architecture).min(1),
  upgrade: z
    .boolean()
    .optional()
    .meta({ examples: [true] })
    .describe(
      'also the image rancher/k3s-upgrade of each version, with which the system-upgrade-controller upgrades nodes, and Rancher a cluster that it imported; false when left out',
    ),
  from: k3sStart('K3s').optional(),
});
