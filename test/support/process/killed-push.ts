import type { PushWish } from '../../../src/verbs/carrier/push.ts';

/** A program that pushes what its first argument says, as JSON, and says `done`. Whoever starts it kills it. */
export const KILLED_PUSH: string = import.meta.filename;

if (import.meta.main) {
  const wish: PushWish = JSON.parse(process.argv[2] ?? '');
  const { pushBundle } = await import('../../../src/verbs/carrier/push.ts');
  const { NOBODY } = await import('../surroundings.ts');
  await pushBundle(wish, NOBODY);
  process.stdout.write('done');
}
