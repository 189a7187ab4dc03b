/** What is going on; a program tells stages apart by these words. */
export type Stage = keyof typeof WORDS;

const WORDS = {
  open: 'Opening',
  resolve: 'Resolving',
  fetch: 'Fetching',
  kit: 'Making a kit in',
  'fetch-kit': 'Fetching the kit',
  'write-kit': 'Writing the kit',
  convert: 'Converting',
  verify: 'Verifying',
  repair: 'Repairing',
  parity: 'Computing parity',
  compare: 'Comparing',
  plan: 'Looking into',
  push: 'Pushing',
  install: 'Installing',
  prove: 'Proving',
  uninstall: 'Taking back',
} as const;

/** Returns a stage in words: `Resolving lab.yaml`. */
export function stageInWords(stage: Stage, subject = ''): string {
  return subject === '' ? WORDS[stage] : `${WORDS[stage]} ${subject}`;
}
