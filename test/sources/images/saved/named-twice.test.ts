import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PlannedItem } from '../../../../src/bundle/format/item.ts';
import { locked } from '../../../../src/sources/locked.ts';
import { recorded } from '../../../../src/sources/recorded.ts';
import { sampleImage } from '../../../support/samples/sample-image.ts';
import { dockerForm, tarForm } from '../../../support/samples/saved-forms.ts';
import { startBench } from '../../../support/sites/source-context.ts';
import { resolveDocument } from '../../../support/sites/spec-document.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const IMAGE = sampleImage({ name: 'saved', layers: 2 });

describe('an archive that a spec names twice', () => {
  it('keeps in the lock what is taken each time', async () => {
    using temporary = temporaryFolder();
    const folder = temporary.path;
    await using bench = await startBench();
    const other = sampleImage({ name: 'second' });
    const names = ['saved.example/team/first:1', 'saved.example/team/second:1'] as const;
    const forms = [dockerForm(IMAGE, names[0]), dockerForm(other, names[1])];
    const lists = forms.map((form) => form.find(({ path }) => path === 'manifest.json')?.bytes ?? '[]');
    const list = lists.flatMap((text): unknown[] => JSON.parse(Buffer.from(text).toString('utf8')));
    const entries = forms.flat().filter(({ path }) => path !== 'manifest.json');
    writeFileSync(
      join(folder, 'app.tar'),
      tarForm([...entries, { path: 'manifest.json', bytes: JSON.stringify(list) }]),
    );
    const images = names.map((name) => ({ archive: './app.tar', images: [name] }));
    const questions = recorded(bench.context);
    const context = { ...bench.context, ask: questions.ask };
    const first = await resolveDocument({ images }, context, folder);
    const answers = locked(questions.lockOf('lab'), bench.context);
    const again = await resolveDocument({ images }, { ...bench.context, ask: answers.ask }, folder);
    expect(namesOf(again)).toEqual(namesOf(first));
  });
});

function namesOf(items: readonly PlannedItem[]): readonly string[] {
  return items.map(({ item }) => `${item.name} ${item.descriptor.digest}`);
}
