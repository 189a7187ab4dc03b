/** Things that one source asks of another. Only the {@link Channel} that made it can read it. */
export interface Want {
  /** Name of the source it is for. */
  readonly to: string;
}

/** How other sources ask one for content it would also fetch for the spec, such as the images of a chart. */
export interface Channel<Thing> {
  readonly to: string;
  ask(things: readonly Thing[]): Want;
  /** Returns everything asked through this channel. */
  heard(wants: readonly Want[]): readonly Thing[];
}

/** Returns a channel to the source called `to`. */
export function channel<Thing>(to: string): Channel<Thing> {
  const asked = new WeakMap<Want, readonly Thing[]>();
  return {
    to,
    ask: (things) => {
      const want = { to };
      asked.set(want, things);
      return want;
    },
    heard: (wants) => wants.flatMap((want) => asked.get(want) ?? []),
  };
}
