import { expect, it } from 'vitest';
import { VERBS } from '../../src/verbs/verbs.ts';

it('the library has every verb of the list, and every error class that one throws', async () => {
  const library: Readonly<Record<string, unknown>> = await import('../../src/index.ts');
  for (const load of Object.values(VERBS)) {
    const file: Readonly<Record<string, unknown>> = await load();
    const names = Object.keys(file).filter((name) => typeof file[name] === 'function');
    expect(names).not.toEqual([]);
    for (const name of names) expect([name, library[name]]).toEqual([name, file[name]]);
  }
});
