import * as z from 'zod';
import { platforms, text } from '../../spec/fields.ts';

/** Clients in addition to those that Rancher Desktop needs. */
export interface KubectlPart {
  readonly versions: readonly string[];
  readonly platforms: readonly string[];
}

export const kubectlSchema: z.ZodType<KubectlPart> = z.strictObject({
  versions: z
    .array(text.describe('a release (1.30.6), or a K3s version: its tag or a channel'))
    .min(1)
    .meta({ examples: [['1.29.3', 'stable']] }),
  platforms,
});
