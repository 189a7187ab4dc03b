import { describe, expect, it } from 'vitest';
import { SaddlebagError } from '../../src/internal/error.ts';
import { mayBeAbsent } from '../../src/oci/absence.ts';

function denied(mayBe?: boolean, cause?: unknown): SaddlebagError {
  const error = new SaddlebagError('ERR_REGISTRY_DENIED', 'Cannot fetch: denied', { cause });
  return mayBe === undefined ? error : Object.assign(error, { mayBeAbsent: mayBe });
}

describe('what may be absent', () => {
  it.each([
    ['what was not found', new SaddlebagError('ERR_UPSTREAM_NOT_FOUND', 'Cannot find'), true],
    ['a denial that hides whether it exists', denied(true), true],
    ['a denial of what is there', denied(false), false],
    ['a denial that says nothing of it', denied(), false],
    ['a denial that wraps one that hides it', denied(undefined, denied(true)), true],
    ['another failure', new SaddlebagError('ERR_REGISTRY_FAILED', 'Cannot fetch'), false],
    ['what is no error of ours', new Error('Cannot fetch'), false],
  ])('%s', (_, error, expected) => {
    expect(mayBeAbsent(error)).toBe(expected);
  });
});
