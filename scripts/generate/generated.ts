/** A document generated from the program. */
export interface Generated {
  /** Path relative to the root of the repository. */
  readonly path: string;
  readonly text: string;
}
