import type { Finding } from '../../internal/finding.ts';
import type { Problem } from '../yaml/decode.ts';
import type { YamlText } from '../yaml/text.ts';
import type { Written } from './written.ts';

/** A kind of file of another program that a spec can include. A new one is a file, and a line in `neighbours/formats.ts`. */
export interface IncludeFormat {
  /** What people call such a file, for a message: `ImageSetConfiguration of oc-mirror`. */
  readonly title: string;
  /** Returns whether a document is one, by its content alone. */
  recognizes(document: Readonly<Record<string, unknown>>): boolean;
  /** Whether the spec may choose `components` of such a file. */
  readonly hasComponents?: boolean | undefined;
  /**
   * Returns the document in the words of a spec, with the place of each part, or `undefined` when it cannot be read. What a
   * bundle cannot carry is a problem; nothing is passed over in silence.
   */
  translate(document: YamlText, context: IncludeContext): Written | undefined | Promise<Written | undefined>;
}

/** Who hears what is wrong with an included file, and what is worth knowing about it. */
export interface IncludeEars {
  readonly onProblem: (problem: Problem) => void;
  readonly onFinding: (finding: Finding) => void;
}

/** What a translation works with. */
export interface IncludeContext extends IncludeEars {
  /** The parts of the file that the spec chooses; all of them when left out. */
  readonly components?: readonly string[] | undefined;
  /** Returns whether a file or folder exists; its path starts at the folder of the included file. */
  readonly exists: (path: string) => Promise<boolean>;
}
