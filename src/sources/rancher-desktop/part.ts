import * as z from 'zod';
import { platforms } from '../../spec/fields.ts';
import { k3sStart, k3sVersions } from '../k3s/part.ts';

/** Everything Rancher Desktop needs offline. */
export interface RancherDesktopPart {
  readonly versions: readonly string[];
  /** What is running today, for an upgrade from there. */
  readonly from?: string | undefined;
  /** Platforms of the desktops. */
  readonly platforms: readonly string[];
  readonly kubectl: 'per-version' | 'minimal';
  /** The oldest Rancher Desktop release to support. */
  readonly minimumRelease?: string | undefined;
}

export const rancherDesktopSchema: z.ZodType<RancherDesktopPart> = z.strictObject({
  versions: k3sVersions,
  from: k3sStart('Rancher Desktop').optional(),
  platforms: platforms.meta({
    description: 'of the desktops',
    examples: [['windows/amd64', 'darwin/arm64']],
  }),
  kubectl: z
    .enum(['per-version', 'minimal'])
    .default('per-version')
    .describe('the client of each version, or the fewest that cover every version within one minor'),
  minimumRelease: z
    .string()
    .regex(/^\d+\.\d+(\.\d+)?$/, 'a Rancher Desktop release such as 1.6 or 1.19.0')
    .optional()
    .meta({
      description:
        'the oldest Rancher Desktop that must be served; 1.6 or older adds the .tar image archives',
      examples: ['1.19.0'],
    }),
});
