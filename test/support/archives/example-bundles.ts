import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkBundle } from '../../../src/bundle/check/check.ts';
import { openBundle } from '../../../src/bundle/open.ts';
import { parsePublicKeys } from '../../../src/bundle/signing/signing-key.ts';
import type { Trust } from '../../../src/bundle/signing/trust.ts';
import { isSaddlebagError } from '../../../src/internal/error.ts';
import { isRecord } from '../../../src/internal/json.ts';
import { ProblemsError } from '../../../src/internal/problems.ts';

export const EXAMPLES: string = join(import.meta.dirname, '../../../bundle-spec/examples');

/** An example as `bundle-spec/examples/index.json` lists it. */
export interface ListedExample {
  readonly path: string;
  readonly what: string;
  readonly key?: string;
  readonly base?: string;
  readonly requirement?: string;
  readonly code?: string;
  readonly says?: string;
}

/** Returns the examples of a list: `locks` are invalid ones. */
export function listedExamples(verdict: 'valid' | 'invalid' | 'locks'): readonly ListedExample[] {
  const index: unknown = JSON.parse(readFileSync(join(EXAMPLES, 'index.json'), 'utf8'));
  const list: unknown = isRecord(index) ? index[verdict] : undefined;
  return Array.isArray(list) ? list.filter(isExample) : [];
}

/** Returns everything that is wrong with an example, each as `CODE message`; none for one that is accepted. */
export async function faultsOfExample({ path, key }: ListedExample): Promise<readonly string[]> {
  try {
    await using bundle = await openBundle(join(EXAMPLES, path), { trust: trustIn(key) });
    return (await checkBundle(bundle)).map(({ code, message }) => `${code} ${message}`);
  } catch (error) {
    if (!isSaddlebagError(error)) throw error;
    const all = error instanceof ProblemsError ? error.problems : [error];
    return all.map(({ code, message }) => `${code} ${message}`);
  }
}

function trustIn(key: string | undefined): Trust | undefined {
  if (key === undefined) return undefined;
  return { from: key, keys: parsePublicKeys(readFileSync(join(EXAMPLES, key), 'utf8')) };
}

function isExample(value: unknown): value is ListedExample {
  return isRecord(value) && typeof value['path'] === 'string' && typeof value['what'] === 'string';
}
