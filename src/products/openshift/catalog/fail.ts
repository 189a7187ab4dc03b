/** Returns the error for a catalog, or a part of it, with this fault. */
export type Fail = (fact: string, cause?: unknown) => Error;
