/** The library's types in one file: only what its signatures name. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** Something that a file declares or imports. */
interface Symbol {
  readonly file: string;
  readonly name: string;
}

/** A parsed declaration file. The compiler starts every statement in the first column. */
interface DeclarationFile {
  /** Text of each declaration, with its comment. */
  readonly declared: ReadonlyMap<string, string>;
  /** What each imported name refers to. */
  readonly imported: ReadonlyMap<string, Symbol>;
  /** What it exports, by exported name. */
  readonly exported: ReadonlyMap<string, Symbol>;
}

/** What the library declares. */
export interface Declarations {
  readonly text: string;
  /** Types that the signatures name but the library does not export, each with the signature that names it. */
  readonly unexported: readonly string[];
}

/** Compiles the declarations of `src/` into a folder. */
export async function emitDeclarations(root: string, folder: string): Promise<void> {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const project = join(root, 'scripts', 'build', 'tsconfig.json');
  await promisify(execFile)(process.execPath, [tsc, '--project', project, '--outDir', folder]);
}

/** Joins the declarations reachable from `index.d.ts` in a folder. @throws when one comes from another package */
export async function joinDeclarations(folder: string): Promise<Declarations> {
  const index = join(folder, 'index.d.ts');
  const files = new Map<string, DeclarationFile>();
  const read = async (path: string): Promise<DeclarationFile> => {
    const known = files.get(path) ?? takeApart(await readFile(path, 'utf8'), path);
    files.set(path, known);
    return known;
  };
  const find = async ({ file, name }: Symbol): Promise<Symbol> => {
    if (!file.startsWith(folder)) throw new Error(`the types of the library name ${name} of ${file}`);
    const { declared, exported, imported } = await read(file);
    const next = declared.has(name) ? undefined : (imported.get(name) ?? exported.get(name));
    if (next === undefined || (next.file === file && next.name === name)) return { file, name };
    return await find(next);
  };
  const handed = (await read(index)).exported;
  const queue = [...handed.values()];
  const chosen = new Map<string, Symbol & { readonly text: string }>();
  const unexported: string[] = [];
  for (const wanted of queue) {
    const symbol = await find(wanted);
    const other = chosen.get(symbol.name);
    if (other?.file === symbol.file) continue;
    if (other !== undefined)
      throw new Error(`${symbol.name} is declared in ${other.file} and ${symbol.file}`);
    const { declared, imported } = await read(symbol.file);
    const text = declared.get(symbol.name);
    if (text === undefined) throw new Error(`${symbol.file} does not declare ${symbol.name}`);
    chosen.set(symbol.name, { ...symbol, text });
    for (const name of namesIn(text)) {
      const meant = declared.has(name) ? { file: symbol.file, name } : imported.get(name);
      if (meant === undefined || name === symbol.name) continue;
      queue.push(meant);
      const target = await find(meant);
      // Only the type of a value is needed, and it is written out in place.
      if (!handed.has(target.name) && /^[A-Z][a-z]/.test(target.name))
        unexported.push(`${target.name}, named by ${symbol.name}`);
    }
  }
  const texts = [...chosen.values()].map(({ name, text }) => (handed.has(name) ? text : hidden(text)));
  // Without it, every declaration would be exported.
  return { text: `${texts.join('\n')}\nexport {};\n`, unexported: [...new Set(unexported)] };
}

function hidden(text: string): string {
  return text.replace(/^export /m, '');
}

const IMPORT = /^(?:import|export)(?: type)? \{([^}]*)\}(?: from '([^']+)')?;/gm;
const DECLARATION = /^(?:export )?(?:declare )?(?:abstract )?(?:interface|type|class|function|const) (\w+)/;

function takeApart(text: string, path: string): DeclarationFile {
  const declared = new Map<string, string>();
  const imported = new Map<string, Symbol>();
  const exported = new Map<string, Symbol>();
  for (const [statement, list = '', from] of text.matchAll(IMPORT)) {
    for (const item of list.split(',')) {
      const [, original, alias] = /^(?:type )?(\w+)(?: as (\w+))?$/.exec(item.trim()) ?? [];
      if (original === undefined) continue;
      const file = from === undefined ? path : placeOf(from, path);
      const into = statement.startsWith('import') ? imported : exported;
      into.set(alias ?? original, { file, name: original });
    }
  }
  // Every other import names a whole package.
  for (const statement of statementsOf(text.replaceAll(IMPORT, '').replaceAll(/^import .*;$/gm, ''))) {
    const name = DECLARATION.exec(statement.replace(/^\/\*\*.*?\*\/\s*/s, ''))?.[1];
    if (name === undefined) continue;
    declared.set(name, statement);
    exported.set(name, { file: path, name });
  }
  return { declared, imported, exported };
}

/** A statement ends where a comment or a word starts in the first column; a comment belongs to what follows. */
function statementsOf(text: string): readonly string[] {
  const statements: string[] = [];
  let lines: string[] = [];
  let isComment = false;
  for (const line of text.split('\n')) {
    const starts = /^(?:\/\*\*|export |declare |interface |type )/.test(line) && !isComment;
    if (starts && lines.some((one) => DECLARATION.test(one)) && /[;}]\s*$/.test(lines.join('\n'))) {
      statements.push(lines.join('\n').trim());
      lines = [];
    }
    lines.push(line);
    if (/^\s*\/\*\*/.test(line)) isComment = true;
    if (line.includes('*/')) isComment = false;
  }
  return [...statements, lines.join('\n').trim()];
}

/** Returns the names in a declaration that may refer to a type of ours, or to a value through `typeof`. */
function namesIn(text: string): ReadonlySet<string> {
  const code = text.replaceAll(/\/\*.*?\*\//gs, '').replaceAll(/'[^'\n]*'/g, '');
  return new Set(
    [...code.matchAll(/\b([A-Z]\w*)\b|\btypeof (\w+)|\[(\w+)\]:/g)].map(
      ([, type, value, key]) => type ?? value ?? key ?? '',
    ),
  );
}

function placeOf(specifier: string, path: string): string {
  return specifier.startsWith('.') ? join(dirname(path), specifier.replace(/\.[jt]s$/, '.d.ts')) : specifier;
}
