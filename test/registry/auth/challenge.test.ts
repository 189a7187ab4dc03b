import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../../src/registry/auth/challenge.ts';

describe('parseChallenges', () => {
  it('keeps the commas of a scope together', () => {
    const header =
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:team/app:pull,push"';
    expect(parseChallenges(header)).toEqual([
      {
        scheme: 'bearer',
        parameters: {
          realm: 'https://auth.example/token',
          service: 'registry.example',
          scope: 'repository:team/app:pull,push',
        },
      },
    ]);
  });

  it('reads several challenges of one header', () => {
    expect(parseChallenges('Basic realm="a, b", Negotiate, Bearer realm="c" , service=d')).toEqual([
      { scheme: 'basic', parameters: { realm: 'a, b' } },
      { scheme: 'negotiate', parameters: {} },
      { scheme: 'bearer', parameters: { realm: 'c', service: 'd' } },
    ]);
  });

  it('reads escaped quotes, spaces around "=", and names in any case', () => {
    expect(parseChallenges('BEARER Realm = "say \\"hi\\""')).toEqual([
      { scheme: 'bearer', parameters: { realm: 'say "hi"' } },
    ]);
  });

  it('takes the first of two equal parameters', () => {
    expect(parseChallenges('Bearer realm="first", realm="second"')[0]?.parameters).toEqual({
      realm: 'first',
    });
  });

  it.each(['', '   ', ',,,', '"only quoted"', '=', '\u0000', 'Bearer realm="never closed'])(
    'survives %j',
    (header) => {
      expect(parseChallenges(header).every(({ scheme }) => scheme !== '')).toBe(true);
    },
  );

  it('is through with a long hostile header in linear time', () => {
    expect(parseChallenges(`Bearer ${'a="\\'.repeat(20_000)}`)).toHaveLength(1);
  });
});
