import type { HttpResponse } from '../../internal/http/http.ts';
import { isHtml } from '../../internal/http/status.ts';
import { isRecord } from '../../internal/json.ts';

/** The content of a refusal's body. */
export interface ErrorBody {
  /** Codes of the distribution specification, "Error Codes". */
  readonly codes: readonly string[];
  /** The registry's own words on one line, safe for a terminal. */
  readonly words: string | undefined;
}

/** Limit (bytes) for reading an error body, which comes from an unknown sender. */
const BODY_LIMIT = 64 * 1024;
const WORDS_LIMIT = 300;

/** Returns what a refusal says about itself, and disposes of the response. It never fails, whatever the body contains. */
export async function decodeErrorBody(response: HttpResponse): Promise<ErrorBody> {
  const text = await readText(response);
  if (isHtml(response.headers) || /^\s*<(?:!doctype|html)/i.test(text))
    return { codes: [], words: undefined };
  try {
    const document: unknown = JSON.parse(text);
    return isRecord(document) ? decodeDocument(document) : { codes: [], words: oneLine(text) };
  } catch {
    return { codes: [], words: oneLine(text) };
  }
}

/** Token services and registries use different keys for the same thing. */
function decodeDocument(document: Record<string, unknown>): ErrorBody {
  const { errors } = document;
  if (Array.isArray(errors)) {
    const known = errors.filter((error) => isRecord(error));
    const codes = known.map(({ code }) => code).filter((code) => typeof code === 'string');
    const words = known
      .map(({ code, message, detail }) =>
        [code, message, typeof detail === 'string' ? detail : undefined]
          .filter((part) => typeof part === 'string' && part !== '')
          .join(': '),
      )
      .join('; ');
    return { codes, words: oneLine(words) };
  }
  const text = ['details', 'message', 'error_description', 'error']
    .map((key) => document[key])
    .find((value) => typeof value === 'string');
  return { codes: [], words: typeof text === 'string' ? oneLine(text) : undefined };
}

async function readText(response: HttpResponse): Promise<string> {
  await using held = response;
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of held.body) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= BODY_LIMIT) break;
    }
  } catch {
    // A refusal whose explanation breaks off is still a refusal: show the part that came.
  }
  return Buffer.concat(chunks).subarray(0, BODY_LIMIT).toString();
}

/** Returns foreign text on one line: control characters could steer the terminal, and long text would bury our own. */
export function oneLine(text: string): string | undefined {
  const line = text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  if (line === '') return undefined;
  return line.length > WORDS_LIMIT ? `${line.slice(0, WORDS_LIMIT)}…` : line;
}
