import * as z from 'zod';
import {
  ARCHITECTURES,
  parseReleasePlace,
  type ReleaseArchitecture,
} from '../../products/openshift/payload/tags.ts';
import { type OperatorsPart, operatorsSchema } from './operators/part.ts';
import { path, platforms, text } from '../../spec/fields.ts';

/** A part of a channel of the update service. */
interface ChannelPart {
  readonly name: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly shortestPath?: boolean | undefined;
  readonly full?: boolean | undefined;
}

/** OpenShift releases and operators. */
export interface OpenshiftPart {
  readonly releases: readonly string[];
  readonly channels: readonly ChannelPart[];
  readonly upgradePath: boolean;
  /** One, or several. */
  readonly architecture: ReleaseArchitecture | readonly ReleaseArchitecture[];
  readonly repository: string;
  readonly samples: readonly string[];
  readonly tools?: readonly string[] | undefined;
  readonly keys: readonly string[];
  readonly unsigned: boolean;
  readonly operators: readonly OperatorsPart[];
}

const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;
const version = z.string().regex(VERSION, 'a version such as 4.20.3');

/** Returns whether a release is written as a version, and not as a reference. */
export function isVersion(written: string): boolean {
  return VERSION.test(written);
}

const channel = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z]+-\d+\.\d+$/, 'a channel such as stable-4.20')
    .meta({ description: 'the channel', examples: ['stable-4.20'] }),
  from: version.optional().meta({
    description: 'the oldest release; the oldest of the channel when only "to" is given',
    examples: ['4.20.1'],
  }),
  to: version.optional().meta({
    description: 'the newest release; the newest of the channel when left out',
    examples: ['4.20.3'],
  }),
  shortestPath: z
    .boolean()
    .optional()
    .describe('only the releases that the shortest upgrade passes through, both ends included'),
  full: z
    .boolean()
    .optional()
    .describe('all releases of the channel, where neither "from" nor "to" is given'),
});

export const openshiftSchema: z.ZodType<OpenshiftPart> = z
  .strictObject({
    releases: z
      .array(text)
      .default([])
      .meta({
        description: 'versions, or references of release images by tag or digest',
        examples: [['4.20.3']],
      }),
    channels: z
      .array(channel)
      .default([])
      .describe('parts of channels; without "from" and "to" the newest release of the channel'),
    upgradePath: z
      .boolean()
      .default(false)
      .describe(
        'also what an upgrade from the oldest of these channels to the newest passes through, in the channels between them too',
      ),
    architecture: z
      .union([z.enum(ARCHITECTURES), z.array(z.enum(ARCHITECTURES)).min(1)])
      .default('amd64')
      .meta({
        description: 'of releases given by version or channel, one or several; multi is all of them in one',
        examples: ['arm64', ['amd64', 'arm64']],
      }),
    repository: z
      .string()
      .superRefine((value, context) => {
        const place = parseReleasePlace(value);
        if (typeof place === 'string') context.addIssue({ code: 'custom', message: place });
      })
      .default('openshift/release')
      .meta({
        description:
          'where the images go at a registry; REPOSITORY:TAG with ${component} and ${version} as oc reads it',
        examples: ['mirror/openshift'],
      }),
    samples: z
      .array(text)
      .default([])
      .meta({
        description: 'image streams of the Samples Operator to carry the images of',
        examples: [['ruby']],
      }),
    tools: platforms.optional().describe('platforms whose oc and openshift-install must be in the release'),
    keys: z
      .array(path)
      .default([])
      .meta({
        description: 'OpenPGP keyrings that may sign the releases, besides the keys of Red Hat',
        examples: [['./lab-keyring.asc']],
      }),
    unsigned: z.boolean().default(false).describe('accept releases without a valid signature'),
    operators: z
      .array(operatorsSchema)
      .default([])
      .meta({
        description: 'catalogs of operators, with the images of the operators chosen from each',
        examples: [
          [
            {
              catalog: 'registry.redhat.io/redhat/redhat-operator-index:v4.20',
              packages: [{ name: 'quay-operator' }],
            },
          ],
        ],
      }),
  })
  .refine(
    ({ releases, channels, operators }) => releases.length + channels.length + operators.length > 0,
    'it has neither releases nor channels nor operators',
  );
