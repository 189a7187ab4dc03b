import * as z from 'zod';

/** Everything a Rancher release needs. */
export interface RancherPart {
  /** `v2.9.2`, or without the `v`. */
  readonly version: string;
  /** Also its images for Windows nodes. */
  readonly windows: boolean;
  /** Also the images of this cert-manager; needed unless certificates come from elsewhere. */
  readonly certManager?: string | undefined;
}

const release = z.string().regex(/^v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/, 'a release such as v2.9.2');

export const rancherSchema: z.ZodType<RancherPart> = z.strictObject({
  version: release.meta({ description: 'of Rancher', examples: ['v2.9.2'] }),
  windows: z
    .boolean()
    .default(false)
    .describe('the images for Windows nodes as well, each under one tag with Linux'),
  certManager: release.optional().meta({
    description: 'version of cert-manager; its images, acmesolver included',
    examples: ['v1.15.3'],
  }),
});
