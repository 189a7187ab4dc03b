/**
 * Mutation testing: changes the code in small ways, one at a time, in a copy of the project, and runs the file's tests. A
 * change that no test notices is a gap. `npm run mutate` tries a sample in twenty minutes at most; `npm run mutate -- --count 5000
 * --minutes 600 src/disk src/oci/copy.ts` tries all in those paths. The same `--seed` gives the same sample.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Honest } from './mutate/honest.ts';
import { type Mutant, mutantsOf } from './mutate/mutants.ts';
import { testsOf } from './mutate/tests.ts';
import { Workshop } from './mutate/workshop.ts';

const PLACES = ['src/disk', 'src/archive', 'src/oci', 'src/bundle/write', 'src/targets'];
/** Time limit for a file's tests (seconds): several times what they normally take. */
const LIMIT = 180;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '200' },
    minutes: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  },
});

interface Candidate {
  readonly source: string;
  readonly mutant: Mutant;
}

/** `unsure`: what failed fails, or takes too long, without the change too, as on a machine with too much to do. */
type Verdict = 'killed' | 'alive' | 'unsure' | 'untested';

await mutate();

async function mutate(): Promise<void> {
  using workshop = new Workshop();
  await requireNotice(workshop);
  const deadline = performance.now() + Number(values.minutes) * 60_000;
  const sources = (positionals.length > 0 ? positionals : PLACES).flatMap((place) =>
    sourcesIn(workshop.root, place),
  );
  const all = sources.flatMap((source): Candidate[] =>
    mutantsOf(readFileSync(join(workshop.root, source), 'utf8')).map((mutant) => ({ source, mutant })),
  );
  const sample = shuffled(all, Number(values.seed)).slice(0, Number(values.count));
  console.log(`${sample.length} of ${all.length} mutants of ${sources.length} files`);
  const honest = new Honest(workshop, { limit: LIMIT });
  const verdicts: { readonly source: string; readonly verdict: Verdict }[] = [];
  for (const candidate of sample) {
    if (performance.now() > deadline) break;
    const { source, mutant } = candidate;
    const { verdict, by } = await judge(workshop, candidate, honest);
    verdicts.push({ source, verdict });
    console.log(
      `${verdict.padEnd(8)} ${source}:${mutant.line}  ${mutant.what}${by === '' ? '' : `  (${by})`}`,
    );
  }
  for (const line of scores(verdicts)) console.log(line);
}

/** A runner that does not see what is changed would find every mutant alive. */
async function requireNotice(workshop: Workshop): Promise<void> {
  const run = { files: ['test/disk/place.test.ts'] };
  const spoiled = "throw new Error('spoiled');";
  const { outcome } = await workshop.spoil('src/disk/place.ts', spoiled, () => workshop.test(run, LIMIT));
  if (outcome === 'passed') throw new Error('the tests pass with a source that only throws');
}

function sourcesIn(root: string, place: string): readonly string[] {
  if (statSync(join(root, place)).isFile()) return [place];
  return readdirSync(join(root, place), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(place, path))
    .sort();
}

async function judge(
  workshop: Workshop,
  { source, mutant }: Candidate,
  honest: Honest,
): Promise<{ readonly verdict: Verdict; readonly by: string }> {
  const text = readFileSync(join(workshop.root, source), 'utf8');
  const spoiled = `${text.slice(0, mutant.start)}${mutant.replacement}${text.slice(mutant.end)}`;
  const verdicts: Verdict[] = [];
  for (const tests of testsOf(workshop.root, source)) {
    const { outcome, by, file } = await workshop.spoil(source, spoiled, () => workshop.test(tests, LIMIT));
    const failing = file === undefined ? tests : { files: [file], pattern: tests.pattern };
    if (outcome !== 'passed' && (await honest.pass(failing))) return { verdict: 'killed', by };
    verdicts.push(outcome === 'passed' ? 'alive' : 'unsure');
  }
  return { verdict: verdicts.find((each) => each === 'unsure') ?? verdicts[0] ?? 'untested', by: '' };
}

function scores(
  verdicts: readonly { readonly source: string; readonly verdict: Verdict }[],
): readonly string[] {
  const rooms = Map.groupBy(verdicts, ({ source }) => source.split('/').slice(0, 2).join('/'));
  return [...rooms, ['all', verdicts] as const].map(([room, own]) => {
    const count = (wanted: Verdict): number => own.filter(({ verdict }) => verdict === wanted).length;
    const judged = own.length - count('unsure');
    const share = Math.round((100 * count('killed')) / Math.max(1, judged));
    return `${room}: ${share} % of ${judged} killed, ${count('alive')} alive, ${count('untested')} without a test, ${count('unsure')} unsure`;
  });
}

/** Returns the values in an order that depends only on the seed (mulberry32). */
function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  let state = seed;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return items
    .map((item) => ({ item, key: random() }))
    .sort((left, right) => left.key - right.key)
    .map(({ item }) => item);
}
