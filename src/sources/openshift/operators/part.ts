import semver from 'semver';
import * as z from 'zod';
import { isVersionBound } from '../../../products/openshift/catalog/range.ts';
import type { ChannelWish, PackageWish } from '../../../products/openshift/catalog/wish.ts';
import { reference, text } from '../../../spec/fields.ts';

/** Operators of a catalog, in the words of oc-mirror's ImageSetConfiguration. */
export interface OperatorsPart {
  /** Reference of the catalog image. */
  readonly catalog: string;
  readonly full: boolean;
  readonly packages?: readonly PackageWish[] | undefined;
  readonly targetCatalog?: string | undefined;
  readonly targetTag?: string | undefined;
}

const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

const bound = text.refine(isVersionBound, 'it is no version such as 1.2.3');

const range = {
  minVersion: bound.optional().meta({
    description: 'the oldest version; it and all newer ones when "maxVersion" is left out',
    examples: ['1.2.0'],
  }),
  maxVersion: bound.optional().meta({ description: 'the newest version', examples: ['1.4.2'] }),
};

const channelName = text.meta({ description: 'the channel', examples: ['stable'] });

const channel: z.ZodType<ChannelWish> = z.strictObject({ name: channelName, ...range }).refine(isAscending, {
  message: 'its "minVersion" is newer than its "maxVersion"',
});

const wishedPackage: z.ZodType<PackageWish> = z
  .strictObject({
    name: text.meta({ description: 'the package', examples: ['quay-operator'] }),
    defaultChannel: text
      .optional()
      .meta({ description: 'in place of the one that the catalog names', examples: ['stable'] }),
    ...range,
    channels: z.array(channel).min(1).optional().describe('left out, all channels of the package'),
  })
  .refine(isAscending, 'its "minVersion" is newer than its "maxVersion"')
  .refine(
    ({ channels = [], ...own }) => !isRange(own) || !channels.some(isRange),
    'it has versions, and so has one of its "channels": give them in one place',
  )
  .refine(({ channels = [] }) => isDistinct(channels), 'one of its "channels" is there twice');

export const operatorsSchema: z.ZodType<OperatorsPart> = z
  .strictObject({
    catalog: reference.meta({
      description: 'the catalog image',
      examples: ['registry.redhat.io/redhat/redhat-operator-index:v4.20'],
    }),
    full: z
      .boolean()
      .default(false)
      .describe(
        'every version of every channel, in place of the newest; without "packages" the catalog as it is',
      ),
    packages: z
      .array(wishedPackage)
      .min(1)
      .optional()
      .meta({
        description: 'the operators; left out, all of them. Without versions, the newest of each channel',
        examples: [[{ name: 'quay-operator', channels: [{ name: 'stable-3.13', minVersion: '3.13.0' }] }]],
      }),
    targetCatalog: z
      .string()
      .regex(PATH, 'it is no repository, such as lab/operators')
      .optional()
      .meta({
        description: 'the repository of the catalog at a registry, in place of the usual one',
        examples: ['lab/operators'],
      }),
    targetTag: z
      .string()
      .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/, 'it is no tag')
      .optional()
      .meta({ description: 'its tag there', examples: ['v4.20'] }),
  })
  .refine(({ packages = [] }) => isDistinct(packages), 'one of its "packages" is there twice')
  .refine(
    ({ full, packages = [] }) =>
      !full || !packages.some((each) => isRange(each) || each.channels?.some(isRange)),
    'it is "full", and has versions: give one of them',
  );

interface Range {
  readonly minVersion?: string | undefined;
  readonly maxVersion?: string | undefined;
}

function isRange({ minVersion, maxVersion }: Range): boolean {
  return minVersion !== undefined || maxVersion !== undefined;
}

/** Bounds of full length are compared; of shorter ones the catalog tells. */
function isAscending({ minVersion, maxVersion }: Range): boolean {
  const [from, to] = [minVersion, maxVersion].map((each) =>
    each === undefined ? undefined : semver.parse(each),
  );
  return from === undefined || from === null || to === undefined || to === null || semver.lte(from, to);
}

function isDistinct(all: readonly { readonly name: string }[]): boolean {
  return new Set(all.map(({ name }) => name)).size === all.length;
}
