import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type * as z from 'zod';
import { readTextFile } from '../../disk/read-text.ts';
import { isSaddlebagError, type SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { formatBytes } from '../../internal/format.ts';
import { isRecord } from '../../internal/json.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { errorOf, inOrder, type Problem } from '../yaml/decode.ts';
import { formatPlace } from '../yaml/place.ts';
import { parseYamlTexts, type YamlText } from '../yaml/text.ts';
import type { IncludeEars, IncludeFormat } from './format.ts';
import { joinSpecs } from './join.ts';
import { type Cannot, secondSpec, unknownFile, withoutComponents } from './problems.ts';
import { folderOf, rebasePaths, shownPath } from './paths.ts';
import { type IncludePart, includeSchema } from './schema.ts';
import { entriesOf, mappingOf, under, type Written, writtenIn, yamlTextOf } from './written.ts';

/** How deep files may include each other, how many there may be, and their characters in all. */
const DEPTH_LIMIT = 8;
const COUNT_LIMIT = 100;
const SIZE_LIMIT = 16 * 1024 * 1024;
const CODE = { code: 'ERR_SPEC_INVALID' } as const;

/** A spec with what it includes, and what is wrong with the files that it includes. */
export interface WithIncludes {
  readonly yaml: YamlText;
  readonly problems: readonly SaddlebagError[];
}

interface IncludeOptions extends WaitOptions {
  /** Path of the spec, as the user gave it. */
  readonly file: string;
  readonly schema: z.ZodType;
  readonly formats: readonly IncludeFormat[];
  readonly onFinding?: ((finding: Finding) => void) | undefined;
}

/**
 * Reads the files that a spec includes, and those that they include, and joins all of them. Paths become relative to the
 * folder of the spec. A file that several include is read once.
 *
 * @throws what reading a file throws, except for what is wrong with one: that is in `problems`
 */
export async function readIncludes(spec: YamlText, options: IncludeOptions): Promise<WithIncludes> {
  if (!isRecord(spec.value) || spec.value['include'] === undefined) return { yaml: spec, problems: [] };
  const reading = new Reading(options);
  const parts = await reading.partsOf(writtenIn(spec), [options.file]);
  const { spec: joined, conflicts } = joinSpecs(parts);
  return {
    yaml: yamlTextOf(joined, spec.faults),
    problems: [...reading.problems, ...conflicts.map((conflict) => errorOf(conflict, CODE))],
  };
}

/** One run over the files: what it has read so far, and what was wrong with it. */
class Reading {
  readonly problems: SaddlebagError[] = [];
  readonly #options: IncludeOptions;
  readonly #seen = new Set<string>();
  readonly #ears: IncludeEars;
  #size = 0;

  constructor(options: IncludeOptions) {
    this.#options = options;
    this.#seen.add(resolve(options.file));
    this.#ears = {
      onProblem: (problem) => void this.problems.push(errorOf(problem, CODE)),
      onFinding: (finding) => options.onFinding?.(finding),
    };
  }

  /**
   * Returns a spec after all that it includes. `chain` is the files that led to it. A list of files that is none is left for
   * the schema to report.
   */
  async partsOf(spec: Written, chain: readonly string[]): Promise<readonly Written[]> {
    const include = under(spec, 'include');
    const parsed = includeSchema.safeParse(include?.value);
    if (include === undefined || !parsed.success) return [spec];
    const parts: Written[] = [];
    for (const [index, part] of parsed.data.entries()) {
      const { text, path } = include.originOf([index]);
      const written = typeof part === 'string' ? part : part.path;
      const cannot: Cannot = (fact, hint) => ({
        place: text.placeOf(path),
        subject: `included file ${JSON.stringify(written)}`,
        fact,
        hint,
      });
      parts.push(...(await this.#read(part, chain, cannot)));
    }
    const { include: _, ...rest } = entriesOf(spec);
    return [...parts, mappingOf(rest, spec.originOf([]))];
  }

  async #read(part: IncludePart, chain: readonly string[], cannot: Cannot): Promise<readonly Written[]> {
    const { path: written, components } =
      typeof part === 'string' ? { path: part, components: undefined } : part;
    const file = shownPath(this.#options.file, written);
    const at = resolve(file);
    const circle = chain.findIndex((each) => resolve(each) === at);
    if (circle !== -1) {
      const names = [...chain.slice(circle), file].map((each) => JSON.stringify(each)).join(' → ');
      this.#ears.onProblem(cannot(`it includes itself: ${names}`, 'Take one of these lines out.'));
      return [];
    }
    if (this.#seen.has(at)) return [];
    this.#seen.add(at);
    if (chain.length > DEPTH_LIMIT) {
      this.#ears.onProblem(cannot(`files include each other more than ${DEPTH_LIMIT} deep`));
      return [];
    }
    if (this.#seen.size - 1 > COUNT_LIMIT) {
      this.#ears.onProblem(cannot(`a spec includes at most ${COUNT_LIMIT} files`));
      return [];
    }
    const documents = await this.#documentsOf(file, cannot);
    return await this.#translated(documents, { written, file, components, chain: [...chain, file], cannot });
  }

  async #documentsOf(file: string, cannot: Cannot): Promise<readonly YamlText[]> {
    const hint = `It is named at ${formatPlace(cannot('').place)}.`;
    try {
      const text = await readTextFile(
        file,
        { what: 'included file', code: 'ERR_SPEC_UNREADABLE', hint },
        this.#options,
      );
      this.#size += text.length;
      if (this.#size > SIZE_LIMIT) {
        this.#ears.onProblem(cannot(`the included files have more than ${formatBytes(SIZE_LIMIT)} in all`));
        return [];
      }
      const documents = parseYamlTexts(text, file);
      if (documents.length === 0) this.#ears.onProblem(cannot('it is empty'));
      return documents;
    } catch (error) {
      if (!isSaddlebagError(error, 'ERR_SPEC_UNREADABLE')) throw error;
      this.problems.push(error);
      return [];
    }
  }

  async #translated(documents: readonly YamlText[], from: IncludedFile): Promise<readonly Written[]> {
    const parts: Written[] = [];
    for (const [index, document] of documents.entries()) {
      for (const { place, fact, hint } of document.faults)
        this.#ears.onProblem({ place, subject: 'included file', fact, hint });
      const { value } = document;
      if (value === undefined) continue;
      const format = isRecord(value)
        ? this.#options.formats.find((each) => each.recognizes(value))
        : undefined;
      if (format !== undefined) parts.push(...(await this.#translate(document, format, from)));
      else if (!isRecord(value) || !Object.hasOwn(value, 'bundle'))
        this.#ears.onProblem(unknownFile(document, this.#options.formats));
      else {
        if (index > 0) this.#ears.onProblem(secondSpec(document));
        parts.push(...(await this.#nested(document, from)));
      }
    }
    return parts;
  }

  async #nested(document: YamlText, from: IncludedFile): Promise<readonly Written[]> {
    if (from.components !== undefined) this.#ears.onProblem(withoutComponents(from.cannot));
    const spec = rebasePaths(writtenIn(document), folderOf(from.written), this.#options.schema);
    return await this.partsOf(spec, from.chain);
  }

  async #translate(
    document: YamlText,
    format: IncludeFormat,
    from: IncludedFile,
  ): Promise<readonly Written[]> {
    const { file, components } = from;
    if (components !== undefined && format.hasComponents !== true)
      this.#ears.onProblem(withoutComponents(from.cannot));
    const told: Problem[] = [];
    const translated = await format.translate(document, {
      onProblem: (problem) => void told.push(problem),
      onFinding: this.#ears.onFinding,
      components,
      exists: async (path) => await exists(join(dirname(file), path)),
    });
    for (const problem of inOrder(told, '')) this.#ears.onProblem(problem);
    if (translated === undefined) return [];
    return [rebasePaths(translated, folderOf(from.written), this.#options.schema)];
  }
}

/** An included file: as it is written, as it is shown, what of it is wanted, the files that led to it, how it is told of. */
interface IncludedFile {
  readonly written: string;
  readonly file: string;
  readonly components: readonly string[] | undefined;
  readonly chain: readonly string[];
  readonly cannot: Cannot;
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
