import type { z } from 'zod';
import { isRecord } from '../../internal/json.ts';
import type { IncludeEars } from '../include/format.ts';
import { listOf, type Origin, type Written, writtenAs } from '../include/written.ts';
import { inspectYamlText } from '../yaml/decode.ts';
import { formatPath, formatPlace, type Path } from '../yaml/place.ts';
import type { YamlText } from '../yaml/text.ts';

/** A document that is being translated: where things are in it, and who is told of what cannot be carried. */
export interface Sheet {
  /** The document as it is, before any schema. */
  readonly head: Readonly<Record<string, unknown>>;
  at(...path: Path): Origin;
  /** Returns a value with the place where it stands, or `undefined` when there is none. An empty text is none. */
  value(value: unknown, ...path: Path): Written | undefined;
  /** Returns a list, or `undefined` when it is empty. */
  list(path: Path, items: readonly (Written | undefined)[]): Written | undefined;
  /** Tells that what is written there cannot be carried. */
  refuse(path: Path, fact: string, options?: { readonly hint?: string | undefined }): undefined;
  /** Tells of something that is carried, but not all of what it says. */
  tell(path: Path, fact: string, options?: { readonly hint?: string | undefined }): void;
}

/**
 * Returns a document decoded with a schema, or `undefined` after telling what is wrong with it. What is wrong with the YAML
 * itself, the reader of the file has told. `what` is what people call it.
 */
export function decodeDocument<T>(
  schema: z.ZodType<T>,
  document: YamlText,
  { what, onProblem }: IncludeEars & { readonly what: string },
): T | undefined {
  const source = { file: document.placeOf([]).file, what, code: 'ERR_SPEC_INVALID' } as const;
  const { decoded, problems } = inspectYamlText(schema, document, source);
  for (const problem of problems.slice(document.faults.length)) onProblem(problem);
  return decoded?.value;
}

/** Returns a sheet over a document. */
export function sheetOf(document: YamlText, { onProblem, onFinding }: IncludeEars): Sheet {
  const at = (...path: Path): Origin => ({ text: document, path });
  return {
    head: isRecord(document.value) ? document.value : {},
    at,
    value: (value, ...path) =>
      value === undefined || value === null || value === '' ? undefined : writtenAs(value, at(...path)),
    list: (path, items) => {
      const present = items.flatMap((item) => item ?? []);
      return present.length === 0 ? undefined : listOf(present, at(...path));
    },
    refuse: (path, fact, { hint } = {}) => {
      onProblem({ place: document.placeOf(path), subject: `"${formatPath(path)}"`, fact, hint });
      return undefined;
    },
    tell: (path, fact, { hint } = {}) =>
      onFinding({
        level: 'warning',
        message: `"${formatPath(path)}" at ${formatPlace(document.placeOf(path))}: ${fact}`,
        hint,
      }),
  };
}
