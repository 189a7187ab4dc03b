/** A bundle of `bundle-spec/examples/`: its files and the expected result. */
export interface Example {
  /** The path to give to a reader, relative to `bundle-spec/examples/`: a file, a folder or a first volume. */
  readonly path: string;
  /** What it demonstrates, for people. */
  readonly what: string;
  /** The public key that verifies its signature, relative to the same folder. */
  readonly key?: string;
  /** The bundle that has the blobs this one leaves out, relative to the same folder. */
  readonly base?: string;
  /** The requirement that an invalid example breaks. */
  readonly breaks?: Breach;
  /** Files by path, relative to the same folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** A broken requirement, and the error this program reports for it. */
export interface Breach {
  /** Its number in `bundle-spec/conformance.md`. */
  readonly requirement: string;
  readonly code: string;
  /** Part of the message. */
  readonly says: string;
}

/** The file of a single-file example. */
export function single(path: string, bytes: Uint8Array): Pick<Example, 'path' | 'files'> {
  return { path, files: new Map([[path, bytes]]) };
}

/** An invalid single-file example; its name begins with the requirement it breaks. */
export function invalid(
  name: string,
  bytes: Uint8Array,
  about: Omit<Breach, 'requirement'> & { readonly what: string },
): Example {
  const { what, ...breach } = about;
  const requirement = /^B-[A-Z]+-\d+/.exec(name)?.[0] ?? '';
  return { ...single(`invalid/${name}`, bytes), what, breaks: { requirement, ...breach } };
}
