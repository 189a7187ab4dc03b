import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import { placedState } from '../../../src/targets/receipts/placed-state.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { thrownBy } from '../../support/thrown.ts';

describe('placedState', () => {
  const expected = { descriptor: { digest: digestOf('hello'), size: 5 }, mode: 0o755 };

  it.each([
    ['nothing is there', undefined, 'missing'],
    ['it is the same', (path: string) => write(path, 'hello', 0o755), 'present'],
    ['it has more rights than it needs', (path: string) => write(path, 'hello', 0o777), 'present'],
    ['it may not be run', (path: string) => write(path, 'hello', 0o644), 'different'],
    ['a byte differs', (path: string) => write(path, 'hellO', 0o755), 'different'],
    ['it is longer', (path: string) => write(path, 'hello ', 0o755), 'different'],
    ['it is a link to the same', (path: string) => link(path, 'hello'), 'different'],
  ] as const)('compares byte for byte: %s', async (_, prepare, state) => {
    const path = join(scratch(), 'tool');
    prepare?.(path);
    expect(await placedState(path, expected)).toBe(state);
  });

  it('refuses a folder where a file is to be', async () => {
    const folder = scratch();
    expect(await thrownBy(placedState(folder, expected))).toMatchObject({ code: 'ERR_TARGET_REFUSED' });
  });

  it('stops reading when it is interrupted', async () => {
    const path = join(scratch(), 'tool');
    write(path, 'hello', 0o755);
    const error = await thrownBy(placedState(path, expected, { signal: AbortSignal.abort() }));
    expect(error.code).toBe('ERR_INTERRUPTED');
  });
});

function scratch(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  return folder.path;
}

function write(path: string, text: string, mode: number): void {
  writeFileSync(path, text);
  chmodSync(path, mode);
}

function link(path: string, text: string): void {
  write(`${path}.real`, text, 0o755);
  symlinkSync(`${path}.real`, path);
}
