import * as z from 'zod';
import { KUBERNETES_WORD } from '../../products/rancher/node-releases.ts';
import { parseRancherTag } from '../../products/rancher/tag.ts';
import { startSchema } from '../upgrade.ts';

/** Everything a Rancher release needs, or the parts of it that are used. */
export interface RancherPart {
  /** `v2.9.2`, or without the `v`. */
  readonly version: string;
  /** What is running today, for an upgrade from there. */
  readonly from?: string | undefined;
  /** Also its images for Windows nodes. */
  readonly windows: boolean;
  /** Also the images of this cert-manager; needed unless certificates come from elsewhere. */
  readonly certManager?: string | undefined;
  /** Names of parts or charts whose images are left out. */
  readonly without?: readonly string[] | undefined;
  /** Names of parts or charts: images of others are left out. */
  readonly only?: readonly string[] | undefined;
  /** Versions of Kubernetes: of K3s and RKE2, images of others are left out. */
  readonly kubernetes?: readonly string[] | undefined;
}

const release = z.string().regex(/^v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/, 'a release such as v2.9.2');

const partName = z
  .string()
  .regex(
    /^[A-Za-z0-9][\w.-]*$/,
    'a part such as monitoring, or a chart without its version such as rancher-monitoring',
  );

const kubernetes = z
  .string()
  .regex(KUBERNETES_WORD, 'a version such as v1.31, v1.31.5 or v1.31.5+k3s1, in quotes if it has no "v"');

export const rancherSchema: z.ZodType<RancherPart> = z
  .strictObject({
    version: release.meta({ description: 'of Rancher', examples: ['v2.9.2'] }),
    from: startSchema({
      product: 'Rancher',
      parse: parseRancherTag,
      adds: 'the newest patch of its minor and of each minor between',
      minor: 'v2.8.x',
      example: 'v2.8.5',
    }).optional(),
    windows: z
      .boolean()
      .default(false)
      .describe('the images for Windows nodes as well, each under one tag with Linux'),
    certManager: release.optional().meta({
      description: 'version of cert-manager; its images, acmesolver included',
      examples: ['v1.15.3'],
    }),
    without: z
      .array(partName)
      .min(1)
      .optional()
      .meta({ examples: [['monitoring', 'logging', 'istio']] })
      .describe(
        'parts that are not used, by what the release says wants each image: their images are left out, unless another part wants them too; a build with --dry-run shows the parts, and what does not work without each',
      ),
    only: z
      .array(partName)
      .min(1)
      .optional()
      .meta({ examples: [['rke2', 'monitoring']] })
      .describe('the parts that are used, besides Rancher itself; in place of "without"'),
    kubernetes: z
      .array(kubernetes)
      .min(1)
      .optional()
      .meta({ examples: [['v1.31', 'v1.30.6+rke2r1']] })
      .describe(
        'versions of the K3s and RKE2 clusters that Rancher provisions and upgrades: images of no other release are taken; a release that Rancher does not list is named whole',
      ),
  })
  .superRefine(({ without, only }, context) => {
    if (without === undefined || only === undefined) return;
    context.addIssue({
      code: 'custom',
      path: ['only'],
      message: '"without" is there as well',
      params: { hint: 'Write one of them: what "only" does not name is left out anyway.' },
    });
  });
