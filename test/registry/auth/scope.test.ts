import { describe, expect, it } from 'vitest';
import { mergeScopes, parseScopes, pullScope, pushScope } from '../../../src/registry/auth/scope.ts';

describe('mergeScopes', () => {
  it('joins the actions on one repository', () => {
    expect(mergeScopes([pullScope('a/b'), pushScope('a/b')])).toEqual(['repository:a/b:pull,push']);
  });

  it('gives equal needs one form, whatever their order', () => {
    const one = mergeScopes(['repository:b:push,pull', pullScope('a')]);
    expect(one).toEqual(mergeScopes([pullScope('a'), 'repository:b:pull,push']));
  });

  it('keeps repositories apart', () => {
    expect(mergeScopes([pullScope('a'), pullScope('a/b')])).toEqual([
      'repository:a/b:pull',
      'repository:a:pull',
    ]);
  });
});

describe('parseScopes', () => {
  it('splits at spaces', () => {
    expect(parseScopes('repository:a:pull  repository:b:pull')).toEqual([
      'repository:a:pull',
      'repository:b:pull',
    ]);
    expect(parseScopes(undefined)).toEqual([]);
  });
});
