/** The demand of a 401 (RFC 9110, section 11.6.1). */
export interface Challenge {
  /** Lower case: `basic`, `bearer`. */
  readonly scheme: string;
  /** By lower-case name. */
  readonly parameters: Readonly<Record<string, string>>;
}

const SPACE = /[\s,]*/y;
const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const EQUALS = /\s*=\s*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"?/y;
const BARE = /[^\s,"]*/y;

/**
 * Returns every challenge of a `WWW-Authenticate` value. Commas separate challenges, parameters and the actions within a scope
 * alike, so the text is parsed token by token; invalid parts are skipped.
 */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  const reader = new Reader(header);
  for (;;) {
    reader.take(SPACE);
    const name = reader.take(TOKEN)?.[0]?.toLowerCase();
    if (name === undefined) return challenges;
    if (reader.take(EQUALS) === undefined) {
      challenges.push({ scheme: name, parameters: {} });
      continue;
    }
    const value = reader.take(QUOTED)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? reader.take(BARE)?.[0] ?? '';
    const current = challenges.at(-1);
    if (current !== undefined) current.parameters[name] ??= value;
  }
}

/** Reads a text from left to right with sticky patterns. */
class Reader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#position = pattern.lastIndex;
    return match;
  }
}
