import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { keepAside } from '../../../src/targets/receipts/keep-aside.ts';
import { temporaryFolder } from '../../support/temporary.ts';

describe('keepAside', () => {
  it('never writes over a copy that is there', async () => {
    const path = join(scratch(), 'list.json');
    for (const text of ['one', 'two', 'three']) {
      writeFileSync(path, text);
      await keepAside(path);
    }
    expect(['', '.bak', '.bak.1', '.bak.2'].map((end) => readFileSync(`${path}${end}`, 'utf8'))).toEqual([
      'three',
      'one',
      'two',
      'three',
    ]);
  });

  it('needs no second copy of the same bytes', async () => {
    const path = join(scratch(), 'list.json');
    writeFileSync(path, 'one');
    expect(await keepAside(path)).toBe(`${path}.bak`);
    expect(await keepAside(path)).toBe(`${path}.bak`);
    expect(existsSync(`${path}.bak.1`)).toBe(false);
  });
});

function scratch(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  return folder.path;
}
