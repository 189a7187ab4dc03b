import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRecord } from '../../src/internal/json.ts';
import { SaddlebagError } from '../../src/internal/error.ts';
import { ProblemsError } from '../../src/internal/problems.ts';
import { repairBundle } from '../../src/verbs/repair.ts';
import { EXAMPLES } from '../support/archives/example-bundles.ts';
import { NOBODY } from '../support/surroundings.ts';
import { temporaryFolder } from '../support/temporary.ts';

interface Listed {
  readonly path: string;
  readonly what: string;
  readonly repairs?: string;
  readonly requirement?: string;
  readonly code?: string;
  readonly says?: string;
}

function listed(): readonly Listed[] {
  const index: unknown = JSON.parse(readFileSync(join(EXAMPLES, 'index.json'), 'utf8'));
  const list: unknown = isRecord(index) ? index['parity'] : undefined;
  return Array.isArray(list) ? list : [];
}

/** Repairs a copy of an example in `folder`; returns all that was said, as `CODE message`. */
async function repairedIn(folder: string, { path }: Listed): Promise<readonly string[]> {
  const said: string[] = [];
  const base = basename(path).replace(/\.[0-9]{3}$/, '');
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(join(EXAMPLES, 'parity'))) {
    if (name.startsWith(base)) cpSync(join(EXAMPLES, 'parity', name), join(folder, name));
  }
  try {
    await repairBundle({ path: join(folder, basename(path)), patches: [] }, NOBODY, {
      onFinding: ({ level, message }) => said.push(`${level} ${message}`),
    });
  } catch (error) {
    if (!(error instanceof SaddlebagError)) throw error;
    for (const part of [error, ...(error instanceof ProblemsError ? error.problems : [])]) {
      said.push(`${part.code} ${part.message}`);
    }
  }
  return said;
}

/** Returns the bundle of an example: its volumes, if it has some, end to end. */
function bundleIn(folder: string, { path }: Listed): Buffer {
  const base = basename(path).replace(/\.[0-9]{3}$/, '');
  const names = readdirSync(folder).filter(
    (name) => name === base || /^\.[0-9]{3}$/.test(name.slice(base.length)),
  );
  return Buffer.concat(names.sort().map((name) => readFileSync(join(folder, name))));
}

describe('an example with a parity file', () => {
  const all = listed();

  it.each(all.filter(({ repairs }) => repairs !== undefined))(
    '$path becomes what it was [B-PAR-1] [B-PAR-2] [B-PAR-4] [B-PAR-6] [B-PAR-9]: $what',
    async (example) => {
      using folder = temporaryFolder();
      expect(await repairedIn(folder.path, example)).toEqual([]);
      const sound = readFileSync(join(EXAMPLES, example.repairs ?? ''));
      expect(bundleIn(folder.path, example).equals(sound)).toBe(true);
    },
  );

  it.each(all.filter(({ repairs }) => repairs === undefined))(
    '$path is not repaired [B-PAR-5] [B-PAR-7] [B-PAR-10]: $what',
    async (example) => {
      using folder = temporaryFolder();
      const said = await repairedIn(folder.path, example);
      const { code = '', says = '', requirement = '' } = example;
      const wanted = code === 'ERR_PARITY_INVALID' ? 'warning' : code;
      expect(said.filter((line) => line.startsWith(`${wanted} `) && line.includes(says))).not.toEqual([]);
      expect(bundleIn(folder.path, example).equals(bundleIn(join(EXAMPLES, 'parity'), example))).toBe(true);
      expect(basename(example.path).startsWith(requirement)).toBe(true);
    },
  );
});
