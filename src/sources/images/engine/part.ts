import * as z from 'zod';
import { parseEngine } from '../../../engine/address.ts';
import { isSaddlebagError } from '../../../internal/error.ts';
import { platforms, reference, text } from '../../../spec/fields.ts';

/** An image of a container engine of this host. */
export interface EnginePart {
  /** `NAME`, `NAME=SOCKET`, `NAME=NAMESPACE` or `NAME=NAMESPACE@SOCKET`. */
  readonly engine: string;
  /** What it is called in the bundle, and in the engine if there is no `id`. */
  readonly reference: string;
  /** By what the engine is asked for it. */
  readonly id?: string | undefined;
  readonly platforms?: readonly string[] | undefined;
}

const ID = /^(?:sha256:)?[0-9a-f]{12,64}$/;

export const engineSchema: z.ZodType<EnginePart> = z.strictObject({
  engine: text
    .max(4096)
    .superRefine((written, context) => {
      try {
        parseEngine(written);
      } catch (error) {
        if (!isSaddlebagError(error)) throw error;
        context.addIssue({ code: 'custom', message: error.message });
      }
    })
    .meta({
      description:
        'a container engine of this host: docker, podman, containerd, k3s, rke2 or rancher-desktop; alone where it usually is, or with a socket, ' +
        'as in docker=/run/docker.sock, or a namespace of containerd, as in containerd=default or containerd=default@/run/x.sock',
      examples: ['docker'],
    }),
  reference: reference.meta({
    description: 'beside "engine": what the image is called there, and in the bundle',
    examples: ['my/app:dev'],
  }),
  id: z
    .string()
    .regex(ID, 'it is not an ID of an image, 12 to 64 hexadecimal digits')
    .optional()
    .meta({
      description:
        'its ID, or the first digits of it: the engine is asked for that, and the image called "reference"',
      examples: ['sha256:2c1f3a9d4be7'],
    }),
  platforms: platforms.optional().describe('instead of those of the spec'),
});
