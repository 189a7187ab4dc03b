import * as z from 'zod';
import { type About, ABOUT_SCHEMA } from '../oci/about/about.ts';
import { path, url } from './fields.ts';
import { includeSchema } from './include/schema.ts';
import type { SpecPart, Upstream } from './part.ts';
import { type Registries, registriesSchema } from './registries/schema.ts';

/** A spec file without the keys of its parts. */
export interface Spec {
  readonly bundle: 1;
  readonly name: string;
  /** What people are told about the bundle. */
  readonly about?: About | undefined;
  readonly registries?: string | Registries | undefined;
  /** Where to fetch everything that is not an image, by name. */
  readonly upstreams: Upstreams;
}

/** Addresses by name; several for one that has mirrors. */
export type Upstreams = Readonly<Record<string, string | readonly string[]>>;

/** The name of a spec, shared by its lock and its bundle. */
export const specName: z.ZodString = z
  .string()
  .regex(/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/, 'lower-case letters, digits and single . _ - between them')
  .max(128);

/**
 * Returns the one definition of a spec file with these parts: the program validates with it, and
 * `bundle-spec/schema/spec.schema.json` is generated from it. Field names are the contract with users.
 */
export function specSchema(
  parts: readonly Pick<SpecPart, 'keys' | 'upstreams'>[],
): z.ZodType<Spec & Readonly<Record<string, unknown>>> {
  const upstreams = parts
    .flatMap((part) => part.upstreams)
    .map((upstream) => [upstream.name, addressSchema(upstream)] as const);
  return z.strictObject({
    bundle: z.literal(1).describe('spec version'),
    name: specName.meta({
      description: 'of the bundle and its lock: lower-case letters, digits and single . _ - between them',
      examples: ['lab'],
    }),
    about: ABOUT_SCHEMA.optional().meta({
      description: 'what people are told about the bundle; nothing is done because of it',
      examples: [{ title: 'Lab of August', contact: 'lab@example.com' }],
    }),
    include: includeSchema.optional().meta({
      description:
        'other specs, and files of other programs, whose content is bundled too; each is told by its content',
      examples: [['./base.yaml']],
    }),
    ...Object.fromEntries(parts.flatMap(({ keys }) => Object.entries(keys))),
    registries: z
      .union([
        path.meta({ description: 'path of a registries.yaml', examples: ['./registries.yaml'] }),
        registriesSchema,
      ])
      .optional()
      .describe('how to reach registries: the schema of K3s registries.yaml, or the path of such a file'),
    upstreams: z.strictObject(Object.fromEntries(upstreams)).prefault({}),
  });
}

function addressSchema(upstream: Upstream): z.ZodType<string | readonly string[]> {
  const { name, url: address, others, holds: description } = upstream;
  const told = { description, examples: [`https://mirror.example/${name}`] };
  if (others === undefined) return url.default(address).meta(told);
  return z
    .union([url, z.array(url).min(1)])
    .default([address, ...others])
    .meta(told);
}
