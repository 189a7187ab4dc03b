import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { API, type Project, SignatureKind, type Type } from 'typescript/unstable/sync';
import { SCHEMA_ID } from '../../src/steps/spec-document.ts';
import { type Schema, TypeSchemas } from './type-schema.ts';

const SRC = join(import.meta.dirname, '../../src');
const PROJECT = join(import.meta.dirname, 'tsconfig.json');

/** What a command prints with `--json`. */
export interface ResultSchema {
  /** The command; `error` for what any of them prints instead. */
  readonly name: string;
  readonly schema: Schema & { readonly $id: string };
}

/** JSON Schemas of what the program prints for programs. */
export interface PrintedSchemas {
  readonly results: readonly ResultSchema[];
  /** Of one line of `--progress json`. */
  readonly progress: Schema;
}

/** Returns the JSON Schemas of every result and of an error, read off the types that the commands state, and of the events of progress. */
export function printedSchemas(): PrintedSchemas {
  const api = new API({ cwd: SRC });
  try {
    const [project] = api.updateSnapshot({ openProjects: [PROJECT] }).getProjects();
    if (project === undefined) throw new Error(`the compiler did not open "${PROJECT}"`);
    const error = { name: 'error', schema: errorSchema(project) };
    return { results: [...commandsIn(project), error], progress: progressSchema(project) };
  } finally {
    api.close();
  }
}

function commandsIn(project: Project): readonly ResultSchema[] {
  const list = readFileSync(join(SRC, 'cli/commands.ts'), 'utf8');
  const lines = list.matchAll(/^ {2}'?([\w-]+)'?: async \(\) => \(await import\('\.\/(.+)'\)\)\.(\w+),$/gm);
  return [...lines].map(([, name = '', file = '', exported = '']) => {
    const result = resultOf(project, typeOf(project, `cli/${file}`, exported));
    return { name, schema: schemaOf(project, name, result) };
  });
}

/** A command promises its outcome, which has its result as JSON. */
function resultOf({ checker }: Project, command: Type): Type {
  const perform = memberOf(checker, command, 'perform');
  const [signature] = checker.getSignaturesOfType(perform, SignatureKind.Call);
  const promise = signature === undefined ? undefined : checker.getReturnTypeOfSignature(signature);
  const [outcome] = promise?.isTypeReference() === true ? checker.getTypeArguments(promise) : [];
  if (outcome === undefined) throw new Error('a command has no outcome');
  return memberOf(checker, outcome, 'json');
}

function memberOf(checker: Project['checker'], type: Type, name: string): Type {
  const member = checker.getPropertyOfType(type, name);
  const found = member === undefined ? undefined : checker.getTypeOfSymbol(member);
  if (found === undefined) throw new Error(`"${checker.typeToString(type)}" has no "${name}"`);
  return found;
}

function typeOf({ checker, program }: Project, path: string, name: string): Type {
  const file = program.getSourceFile(join(SRC, path));
  const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
  const symbol =
    module === undefined ? undefined : checker.getExportsOfModule(module).find((one) => one.name === name);
  if (symbol === undefined) throw new Error(`"${path}" does not export "${name}"`);
  return checker.getDeclaredTypeOfSymbol(symbol);
}

function schemaOf({ checker }: Project, name: string, type: Type): ResultSchema['schema'] {
  const schemas = new TypeSchemas(checker);
  const shape = schemas.document(type);
  const comment = schemas.commentOf(type.getAliasSymbol() ?? type.getSymbol());
  const what = `What "bundle ${name} --json" prints.`;
  return documentOf(`results/${name}`, `Saddlebag result of "bundle ${name}"`, {
    description: comment === '' ? what : `${what} ${comment}`,
    ...shape,
    ...definitionsOf(schemas),
  });
}

function errorSchema(project: Project): ResultSchema['schema'] {
  const schemas = new TypeSchemas(project.checker);
  const shape = schemas.document(typeOf(project, 'cli/display/error.ts', 'ErrorDocument'));
  return documentOf('results/error', 'Saddlebag error', {
    description: 'What every command prints with "--json" in place of a result when it fails without one.',
    ...shape,
    ...definitionsOf(schemas),
  });
}

function progressSchema(project: Project): Schema {
  const schemas = new TypeSchemas(project.checker);
  const type = typeOf(project, 'cli/display/status/event.ts', 'ProgressEvent');
  const shape = schemas.document(type);
  return documentOf('progress', 'Saddlebag progress', {
    description: schemas.commentOf(type.getAliasSymbol()),
    ...shape,
    ...definitionsOf(schemas),
  });
}

function definitionsOf({ definitions }: TypeSchemas): Schema {
  return Object.keys(definitions).length === 0 ? {} : { $defs: definitions };
}

function documentOf(name: string, title: string, rest: Schema): ResultSchema['schema'] {
  const $schema = 'https://json-schema.org/draft/2020-12/schema';
  return { $schema, $id: `${SCHEMA_ID}/${name}.schema.json`, title, ...rest };
}
