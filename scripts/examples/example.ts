/** A bundle of `bundle-spec/examples/`: as files, and with what is to be expected of it. */
export interface Example {
  /** What to give to a reader, relative to `bundle-spec/examples/`: a file, a folder or a first volume. */
  readonly path: string;
  /** What it shows, for people. */
  readonly what: string;
  /** Public key, relative to the same folder, by which its signature is to be checked. */
  readonly key?: string;
  /** Bundle, relative to the same folder, that has the blobs which this one leaves out. */
  readonly base?: string;
  /** What an invalid one breaks. */
  readonly breaks?: Breach;
  /** By path relative to the same folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** A requirement that is not kept, and how this program says so. */
export interface Breach {
  /** Its number in `bundle-spec/conformance.md`. */
  readonly requirement: string;
  readonly code: string;
  /** Part of the message. */
  readonly says: string;
}

/** The file of an example that is one file. */
export function single(path: string, bytes: Uint8Array): Pick<Example, 'path' | 'files'> {
  return { path, files: new Map([[path, bytes]]) };
}

/** An invalid example that is one file; its name begins with the requirement it breaks. */
export function invalid(
  name: string,
  bytes: Uint8Array,
  about: Omit<Breach, 'requirement'> & { readonly what: string },
): Example {
  const { what, ...breach } = about;
  const requirement = /^B-[A-Z]+-\d+/.exec(name)?.[0] ?? '';
  return { ...single(`invalid/${name}`, bytes), what, breaks: { requirement, ...breach } };
}
