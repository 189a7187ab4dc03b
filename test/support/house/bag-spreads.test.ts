import { describe, expect, it } from 'vitest';
import { bagSpreads } from './bag-spreads.ts';

const TYPES = `
  export interface WaitOptions { readonly signal?: AbortSignal }
  interface Copy extends WaitOptions { readonly root: string }
  type Both = Copy & { readonly more: string };
  interface Item { readonly name: string }
  type Run = (options: WaitOptions) => void;
`;

describe('a spread of a bag', () => {
  it.each([
    ['by its usual name', 'run({ ...options, path });'],
    ['on a line of its own', 'run({\n  path,\n  ...context,\n});'],
    ['by the type of a parameter', 'const f = (how: WaitOptions) => run({ ...how, path });'],
    ['by a type that is made of one', 'function f(how: Both): void { run({ ...how }); }'],
    ['by the type beside another', 'function f(how: Item & WaitOptions): void { run({ ...how }); }'],
    ['by the type of a constant', 'const how: Copy = begin();\nrun({ ...how, path });'],
    ['of what is left of it', 'const f = ({ path, ...rest }: WaitOptions) => run({ ...rest });'],
  ])('is found %s', (_, text) => {
    expect(bagSpreads([{ file: 'a.ts', text: `${TYPES}${text}` }])).toHaveLength(1);
  });

  it.each([
    ['a changed copy of data', 'function f(item: Item): Item { return { ...item, name }; }'],
    ['data that a function of bags gives', 'const item: ReturnType<Run> = f();\nrun({ ...item });'],
    ['a list', 'run([...options, more]);'],
    ['arguments', 'run(...options);'],
    ['a part of it that is data', 'run({ ...options.headers, more });'],
    ['a bag that is taken apart', 'const { path, ...options } = given;'],
    ['a parameter that is taken apart', 'const f = ({ path, ...wait }: WaitOptions) => run(wait);'],
  ])('is none: %s', (_, text) => {
    expect(bagSpreads([{ file: 'a.ts', text: `${TYPES}${text}` }])).toEqual([]);
  });

  it('is told with its place', () => {
    expect(bagSpreads([{ file: 'a.ts', text: 'one();\nrun({ ...options });' }])).toEqual([
      'a.ts:2 ...options',
    ]);
  });
});
