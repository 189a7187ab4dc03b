import type * as z from 'zod';
import type { PlannedItem } from '../bundle/format/item.ts';
import type { SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import type { PartFiles, SpecPart, Upstream } from '../spec/part.ts';
import type { LockSection } from '../spec/lock/lock.ts';
import type { Asking, Questions } from './questions.ts';
import type { Channel, Want } from './want.ts';

/**
 * A system that things come from: its part of the spec, and how that is turned into items with digests. `sources.ts` has a line
 * for each; schema, docs, defaults of upstreams and the way of resolving follow from that list.
 */
export interface Source extends SpecPart<LoadedSource> {
  readonly name: string;
  /** What it is for, for the docs: a sentence or two. */
  readonly summary: string;
  /** Names of the sources that it asks for more. */
  readonly asks: readonly string[];
}

/** A source that has read its part of a spec. */
export interface LoadedSource {
  readonly name: string;
  readonly asks: readonly string[];
  /** `wants` are those of other sources. Reports all of its problems at once. */
  resolve(wants: readonly Want[], context: SourceContext): Promise<Found>;
}

/** What a source found. */
export interface Found {
  readonly items: readonly PlannedItem[];
  /** What it asks of other sources because of them. */
  readonly wants?: readonly Want[] | undefined;
  /** What it could not find; it is told with the problems of all other sources, and what was found is asked on all the same. */
  readonly problems?: readonly SaddlebagError[] | undefined;
  /** Looks at all that goes into the bundle, for a warning that depends on it. */
  readonly review?: ((items: readonly PlannedItem[]) => Promise<void>) | undefined;
}

/** What every source works with. */
export interface SourceContext extends Questions, Asking {
  /** Takes warnings as they are found. */
  readonly warn: (finding: Finding) => void;
}

/** What a source is made of. `Wish` is what it reads in a spec, `Thing` is what others may ask of it. */
export interface SourceDefinition<Shape extends Readonly<Record<string, z.ZodType>>, Wish, Thing> {
  readonly name: string;
  readonly summary: string;
  /** Its keys of the spec. What it decodes it must decode to the same again. */
  readonly part: z.ZodObject<Shape>;
  /** Those of its keys that put something into a bundle; all of them when left out. */
  readonly content?: readonly (keyof Shape & string)[] | undefined;
  readonly upstreams?: readonly Upstream[] | undefined;
  /** Of its own questions to the world. */
  readonly sections?: readonly LockSection[] | undefined;
  readonly asks?: readonly string[] | undefined;
  /** Where others ask it. */
  readonly takes?: Channel<Thing> | undefined;
  /** Returns what is wished for, with the files of this machine that the spec names. */
  read(part: z.output<z.ZodObject<Shape>>, files: PartFiles): Promise<Wish>;
  /** Turns wishes into items. @throws `ProblemsError` with everything that cannot be had */
  resolve(wish: Wish, context: SourceContext & { readonly wanted: readonly Thing[] }): Promise<Found>;
}

/** Makes a source of its parts. */
export function defineSource<Shape extends Readonly<Record<string, z.ZodType>>, Wish, Thing = never>(
  definition: SourceDefinition<Shape, Wish, Thing>,
): Source {
  const { name, summary, part, upstreams = [], sections = [], asks = [], takes } = definition;
  const keys = Object.keys(part.shape);
  return {
    name,
    summary,
    keys: part.shape,
    content: definition.content ?? keys,
    upstreams,
    sections,
    asks,
    load: async (document, files) => {
      const own = keys.filter((key) => document[key] !== undefined).map((key) => [key, document[key]]);
      const wish = await definition.read(part.parse(Object.fromEntries(own)), files);
      return {
        name,
        asks,
        resolve: async (wants, context) =>
          await definition.resolve(wish, { ...context, wanted: takes?.heard(wants) ?? [] }),
      };
    },
  };
}

/** Returns where an upstream is. */
export function urlOf({ name, url }: Upstream, { upstreams }: Pick<SourceContext, 'upstreams'>): string {
  return upstreams[name] ?? url;
}
