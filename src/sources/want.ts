/** Things that one source asks of another. Only the {@link Channel} it came from can read it. */
export interface Want {
  /** Name of the source that is asked. */
  readonly to: string;
}

/** How one source is asked by others: for what it would look for if the spec named it, such as the images of a chart. */
export interface Channel<Thing> {
  readonly to: string;
  ask(things: readonly Thing[]): Want;
  /** Returns all that was asked through this channel. */
  heard(wants: readonly Want[]): readonly Thing[];
}

/** Returns the channel of the source called `to`. */
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
