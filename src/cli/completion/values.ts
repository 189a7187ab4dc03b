/** What a shell can offer as a value. */
export type Offer =
  | { readonly type: 'words'; readonly words: readonly string[] }
  | { readonly type: 'paths' }
  | { readonly type: 'nothing' };

/** Value names, as used by usage and options, that stand for paths. */
const PATHS: ReadonlySet<string> = new Set(
  'BUNDLE BUNDLE_OR_RECEIPT DIR FILE FROM IN NEW OLD OUT PATCH PATH PEM RECEIPT RECEIPT_OR_BUNDLE ROOT SPEC'.split(
    ' ',
  ),
);

/** Returns what to offer for a value or argument that help calls `name`. */
export function offerFor(name: string, choices: readonly string[] | undefined): Offer {
  if (choices !== undefined) return { type: 'words', words: choices };
  return PATHS.has(name) ? { type: 'paths' } : { type: 'nothing' };
}
