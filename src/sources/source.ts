import type * as z from 'zod';
import type { PlannedItem } from '../bundle/format/item.ts';
import type { EngineHost } from '../engine/host.ts';
import type { SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import type { PartFiles, SpecPart, Upstream } from '../spec/part.ts';
import type { LockSection } from '../spec/lock/lock.ts';
import type { ReleaseParts } from './part-sizes.ts';
import type { Asking, Questions } from './questions.ts';
import type { ResolveTally } from './tally.ts';
import type { UpgradePath } from './upgrade.ts';
import type { Channel, Want } from './want.ts';

/**
 * A system that content comes from: its part of the spec, and how that part becomes items with digests. `sources.ts` has a line
 * for each; schema, docs, default upstreams and the order of resolving follow from that list.
 */
export interface Source extends SpecPart<LoadedSource> {
  readonly name: string;
  /** Its purpose in a sentence or two, for the docs. */
  readonly summary: string;
  /** Names of the other sources it asks for content. */
  readonly asks: readonly string[];
}

/** A source that has read its part of a spec. */
export interface LoadedSource {
  readonly name: string;
  readonly asks: readonly string[];
  /** `wants` come from other sources. Reports all of its problems at once. */
  resolve(wants: readonly Want[], context: SourceContext): Promise<Found>;
}

/** What a source found. */
export interface Found {
  readonly items: readonly PlannedItem[];
  /** What it asks of other sources because of them. */
  readonly wants?: readonly Want[] | undefined;
  /** What it could not find. The rest still resolves, and all problems are reported together. */
  readonly problems?: readonly SaddlebagError[] | undefined;
  /** Checks the complete list of items, for a warning that depends on it. */
  readonly review?: ((items: readonly PlannedItem[]) => Promise<void>) | undefined;
}

/** What every source works with. */
export interface SourceContext extends Questions, Asking {
  /** Receives warnings as they are found. */
  readonly warn: (finding: Finding) => void;
  /** Receives the parts that a release is taken by. */
  readonly onParts?: ((release: ReleaseParts) => void) | undefined;
  /** Receives the upgrade paths of the spec as they are found. */
  readonly onUpgradePath?: ((path: UpgradePath) => void) | undefined;
  /** Counts what is resolved, for whoever follows it. */
  readonly tally?: ResolveTally | undefined;
  /** This host, for engines: where their sockets are. */
  readonly host: EngineHost;
  /** When the verb runs (milliseconds since 1970), for what expires; no byte of a bundle depends on it. */
  readonly now: number;
}

/** The definition of a source. `Wish` is what it reads in a spec; `Thing` is what other sources may ask of it. */
export interface SourceDefinition<Shape extends Readonly<Record<string, z.ZodType>>, Wish, Thing> {
  readonly name: string;
  readonly summary: string;
  /** Its keys of the spec. Decoding must be idempotent: the part is decoded twice. */
  readonly part: z.ZodObject<Shape>;
  /** The keys that add content to a bundle; all of them when left out. */
  readonly content?: readonly (keyof Shape & string)[] | undefined;
  readonly upstreams?: readonly Upstream[] | undefined;
  /** Where the lock keeps answers to its own questions. */
  readonly sections?: readonly LockSection[] | undefined;
  readonly asks?: readonly string[] | undefined;
  /** The channel for requests from other sources. */
  readonly takes?: Channel<Thing> | undefined;
  /** Returns what the spec asks for, with the local files that it names. */
  read(part: z.output<z.ZodObject<Shape>>, files: PartFiles): Promise<Wish>;
  /** Turns the wish, and what other sources want, into items. @throws `ProblemsError` with everything that cannot be found */
  resolve(wish: Wish, context: SourceContext, wanted: readonly Thing[]): Promise<Found>;
}

/** Returns the source that a definition describes. */
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
        resolve: async (wants, context) => await definition.resolve(wish, context, takes?.heard(wants) ?? []),
      };
    },
  };
}

/** Returns the address of an upstream, the first one when it has several. */
export function urlOf(upstream: Upstream, context: Pick<SourceContext, 'upstreams'>): string {
  return urlsOf(upstream, context)[0] ?? upstream.url;
}

/** Returns all addresses of an upstream, in the order they are tried. */
export function urlsOf(
  { name, url, others = [] }: Upstream,
  { upstreams }: Pick<SourceContext, 'upstreams'>,
): readonly string[] {
  return [upstreams[name] ?? [url, ...others]].flat();
}
