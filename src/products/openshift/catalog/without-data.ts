const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Longer strings (bytes) are no names. */
const LONG = 4096;

/** Which bytes base64 consists of (RFC 4648, section 4). */
const IS_BASE64: readonly boolean[] = Array.from({ length: 256 }, (_, byte) =>
  /[A-Za-z0-9+/=]/.test(String.fromCharCode(byte)),
);

/**
 * Returns a JSON text with its long strings of base64 emptied. Manifests and icons are most of a catalog, nothing in them can
 * be wrong as JSON, and parsing them would cost more time and memory than all the rest.
 */
export function withoutData(json: Uint8Array): Uint8Array {
  const kept: Uint8Array[] = [];
  let from = 0;
  for (let open = json.indexOf(QUOTE); open !== -1;) {
    const close = endOfString(json, open);
    if (close === -1) break;
    if (close - open > LONG && isBase64(json, open + 1, close)) {
      kept.push(json.subarray(from, open + 1));
      from = close;
    }
    open = json.indexOf(QUOTE, close + 1);
  }
  return kept.length === 0 ? json : Buffer.concat([...kept, json.subarray(from)]);
}

function endOfString(json: Uint8Array, open: number): number {
  for (let close = json.indexOf(QUOTE, open + 1); close !== -1; close = json.indexOf(QUOTE, close + 1)) {
    let before = close;
    while (before - 1 > open && json[before - 1] === BACKSLASH) before -= 1;
    if ((close - before) % 2 === 0) return close;
  }
  return -1;
}

function isBase64(json: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (IS_BASE64[json[at] ?? 0] !== true) return false;
  return true;
}
