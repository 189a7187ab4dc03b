import { describe, expect, it } from 'vitest';
import { untoldCodes } from './untold-codes.ts';

const told = (text: string): readonly string[] => untoldCodes({ file: 'a.ts', text });

describe('a code that is thrown', () => {
  it.each([
    ['by the function', "export function f(): void {\n  throw new SaddlebagError('ERR_A', 'x');\n}\n"],
    ['by an asynchronous one', "export async function f() {\n  throw new RegistryError('ERR_A', 'x');\n}\n"],
    ['by a generator', "export async function* f() {\n  throw new SaddlebagError('ERR_A', 'x');\n}\n"],
    [
      'over several lines',
      "export function f(): void {\n  throw new SaddlebagError(\n    'ERR_A',\n    'x',\n  );\n}\n",
    ],
    [
      'by what makes the error',
      "export function f(): void {\n  throw made();\n}\nfunction made() {\n  return new SaddlebagError('ERR_A', 'x');\n}\n",
    ],
    [
      'by a function of the same file',
      "export function f(): void {\n  g();\n}\nfunction g() {\n  throw new SaddlebagError('ERR_A', 'x');\n}\n",
    ],
    [
      'beside one that is told',
      "/** @throws `ERR_B` */\nexport function f(): void {\n  throw new SaddlebagError('ERR_A', 'x');\n}\n",
    ],
  ])('must be told: %s', (_, text) => {
    expect(told(text)).toEqual(['a.ts f ERR_A']);
  });

  it.each([
    [
      'when it is told',
      "/** @throws `ERR_A` */\nexport function f(): void {\n  throw new SaddlebagError('ERR_A', 'x');\n}\n",
    ],
    [
      'when another tells it',
      "/** Throws as {@link g}. */\nexport function f(): void {\n  throw new SaddlebagError('ERR_A', 'x');\n}\n",
    ],
    ['within the file', "function f(): void {\n  throw new SaddlebagError('ERR_A', 'x');\n}\n"],
    [
      'by a function that is returned',
      "export function f() {\n  return () => {\n    throw new SaddlebagError('ERR_A', 'x');\n  };\n}\n",
    ],
    [
      'as a bug of ours',
      "export function f(): void {\n  throw new SaddlebagError('ERR_INTERNAL_BUG', 'x');\n}\n",
    ],
    ['in a comment', "export function f(): void {\n  // throw new SaddlebagError('ERR_A', 'x');\n}\n"],
  ])('need not be told %s', (_, text) => {
    expect(told(text)).toEqual([]);
  });
});
