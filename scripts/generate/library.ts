import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { compareText } from '../../src/internal/order.ts';
import { declarationsIn } from './declarations.ts';

const SRC = join(import.meta.dirname, '../../src');
/** How long a line may be. */
const WIDTH = 110;
/** What a program needs beside the verbs: surroundings to give, ears to listen with, errors to tell apart. */
const BESIDE: readonly Face[] = [
  { file: 'steps/ears.ts', names: ['Ears'] },
  { file: 'steps/surroundings.ts', names: ['processSurroundings', 'Surroundings'] },
  { file: 'internal/error.ts', names: ['SaddlebagError', 'SaddlebagErrorOptions'] },
  { file: 'internal/error-code.ts', names: ['ErrorCode'] },
  { file: 'internal/problems.ts', names: ['ProblemsError'] },
];
const HEAD = `/**
 * The library: the product's commands as functions, for programs that do not want the command line. Each takes a request, its
 * environment and listeners. "npm run generate" writes this file: what the files of all verbs in \`verbs/verbs.ts\` export, and
 * every type that this names.
 */`;

/** What a file gives to the library. */
interface Face {
  readonly file: string;
  readonly names: readonly string[];
}

/** Returns the text of `src/index.ts`. */
export function libraryFile(): string {
  const list = read('verbs/verbs.ts').matchAll(/=> import\('\.\/(.+?)'\)/g);
  const verbs = [...list].map(([, name = '']): Face => {
    const file = `verbs/${name}`;
    return {
      file,
      names: [...declarationsIn(read(file)).values()].flatMap(({ name: own, isExported }) =>
        isExported ? [own] : [],
      ),
    };
  });
  const faces = [...verbs, ...BESIDE];
  return `${[HEAD, ...faces.map(statement), ...typesNamedBy(faces).map(statement)].join('\n')}\n`;
}

/** Returns the types of other files that the exports of `faces` name, and those that these name in turn. */
function typesNamedBy(faces: readonly Face[]): readonly Face[] {
  const keyOf = (file: string, name: string): string => `${file} ${name}`;
  const open = faces.flatMap(({ file, names }) => names.map((name) => ({ file, name })));
  const seen = new Set(open.map(({ file, name }) => keyOf(file, name)));
  const found: { readonly file: string; readonly name: string }[] = [];
  for (const { file, name } of open) {
    const own = declarationsIn(read(file));
    for (const word of own.get(name)?.words ?? []) {
      const from = own.has(word) ? file : originOf(word, file);
      if (from === undefined || seen.has(keyOf(from, word))) continue;
      seen.add(keyOf(from, word));
      open.push({ file: from, name: word });
      const { isExported = false, isType = false } = declarationsIn(read(from)).get(word) ?? {};
      if (isExported && isType) found.push({ file: from, name: word });
    }
  }
  return [...Map.groupBy(found, ({ file }) => file)]
    .map(([file, types]): Face => ({ file, names: types.map(({ name }) => name) }))
    .sort((left, right) => compareText(left.file, right.file));
}

/** Returns the file of ours that declares what a file imports; what a file only hands on comes from further away. */
function originOf(name: string, file: string): string | undefined {
  for (const [, names = '', path = ''] of read(file).matchAll(
    /^(?:import|export) (?:type )?\{([^}]*)\} from '(\..+?)';$/gm,
  )) {
    if (!new RegExp(`\\b${name}\\b`).test(names)) continue;
    const from = relative(SRC, join(SRC, dirname(file), path));
    return declarationsIn(read(from)).has(name) ? from : originOf(name, from);
  }
  return undefined;
}

/** Returns the statement that exports the names of a file, formatted as `oxfmt` does. */
function statement({ file, names }: Face): string {
  const kinds = declarationsIn(read(file));
  const sorted = names.toSorted((left, right) => compareText(left.toLowerCase(), right.toLowerCase()));
  const isType = (name: string): boolean => kinds.get(name)?.isType === true;
  const areTypes = sorted.every(isType);
  const words = sorted.map((name) => (isType(name) && !areTypes ? `type ${name}` : name));
  const head = areTypes ? 'export type' : 'export';
  const line = `${head} { ${words.join(', ')} } from './${file}';`;
  return line.length <= WIDTH
    ? line
    : `${head} {\n${words.map((word) => `  ${word},\n`).join('')}} from './${file}';`;
}

function read(file: string): string {
  return readFileSync(join(SRC, file), 'utf8');
}
