import { encodeJson } from '../../src/internal/json.ts';
import { compareText } from '../../src/internal/order.ts';
import { documents } from './documents.ts';
import type { Example } from './example.ts';
import { invalidArchives } from './invalid-archives.ts';
import { invalidContent } from './invalid-content.ts';
import { invalidEntries } from './invalid-entries.ts';
import { invalidItems } from './invalid-items.ts';
import { invalidDocuments } from './invalid-documents.ts';
import { invalidFolders } from './invalid-folders.ts';
import { parityExamples } from './parity.ts';
import { invalidLocks } from './locks.ts';
import { otherValidExamples } from './valid-others.ts';
import { validExamples } from './valid.ts';

/** Git must not convert line endings in files that are compared byte by byte. */
const ATTRIBUTES = '* -text\n';

/** Returns every example, valid ones first. */
async function examples(): Promise<readonly Example[]> {
  const invalid = [
    ...invalidDocuments(),
    ...invalidContent(),
    ...invalidItems(),
    ...invalidFolders(),
    ...invalidArchives(),
    ...invalidEntries(),
  ];
  return [
    ...(await validExamples()),
    ...otherValidExamples(),
    ...invalid.sort((left, right) => compareText(left.path, right.path)),
  ];
}

/** Returns every file of `bundle-spec/examples/` by path, including `index.json`. The result depends only on the program. */
export async function exampleFiles(): Promise<ReadonlyMap<string, Uint8Array>> {
  const all = await examples();
  const parity = await parityExamples();
  const locks = invalidLocks();
  return new Map<string, Uint8Array>([
    ['.gitattributes', Buffer.from(ATTRIBUTES)],
    ...documents(),
    [
      'index.json',
      encodeJson({
        valid: entriesOf(all, true),
        invalid: entriesOf(all, false),
        locks: locks.map(({ path, what, says }) => ({ path, what, says })),
        parity: parity.map(({ path, what, repairs, breaks }) => ({ path, what, repairs, ...breaks })),
      }),
    ],
    ...locks.map(({ path, bytes }) => [path, bytes] as const),
    ...[...all, ...parity].flatMap(({ files }) => [...files]),
  ]);
}

function entriesOf(all: readonly Example[], isValid: boolean): readonly unknown[] {
  return all
    .filter(({ breaks }) => (breaks === undefined) === isValid)
    .map(({ path, what, key, base, breaks }) => ({ path, what, key, base, ...breaks }));
}
