import { isRecord } from '../internal/json.ts';

/** What a kit was made of. */
export interface KitRecord {
  /** Version of the program. */
  readonly program: string;
  /** `24.5.0` */
  readonly node: string;
  /** `os/architecture`, sorted. */
  readonly platforms: readonly string[];
  /** By the name of a runtime's download: its digest. */
  readonly downloads: Readonly<Record<string, string>>;
}

const VERSION = 1;

/** Returns the record as the file of the kit. */
export function encodeKitRecord({ program, node, platforms, downloads }: KitRecord): string {
  return `${JSON.stringify({ kit: VERSION, program, node, platforms, downloads }, null, 2)}\n`;
}

/** Returns the record in a file of a kit, or `undefined` when it is not one that this program reads. */
export function decodeKitRecord(text: string): KitRecord | undefined {
  const document = parseJson(text);
  if (!isRecord(document) || document['kit'] !== VERSION) return undefined;
  const { program, node, platforms, downloads } = document;
  if (typeof program !== 'string' || typeof node !== 'string') return undefined;
  if (!Array.isArray(platforms) || !isRecord(downloads)) return undefined;
  const names = platforms.filter((platform) => typeof platform === 'string');
  const digests = Object.entries(downloads).flatMap(([name, digest]) =>
    typeof digest === 'string' ? [[name, digest] as const] : [],
  );
  return { program, node, platforms: names, downloads: Object.fromEntries(digests) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
