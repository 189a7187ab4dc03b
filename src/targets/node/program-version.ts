import { statOf } from '../../disk/stat.ts';
import { streamFile } from '../../disk/stream-file.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import type { WaitOptions } from '../../oci/roles.ts';

/**
 * How the builds of K3s and RKE2 set their version (k3s, `scripts/build` and `scripts/package-cli`; rke2, `scripts/build-binary`). Go
 * writes the flags of a build into the program, as text.
 */
const FLAG = Buffer.from('/k3s/pkg/version.Version=');
const VERSION = /^v\d[0-9A-Za-z.+-]{0,62}/;
/** Bytes of a version that are looked at. */
const LENGTH = 64;
/** Ceiling (bytes) of a program: K3s has some 70 million. */
const LIMIT = 1024 ** 3;

/** Returns the version that a program of K3s or RKE2 says in itself, or `undefined`. It is read, and never run. */
export async function programVersion(
  path: string,
  { signal }: WaitOptions = {},
): Promise<string | undefined> {
  const stats = await statOf(path);
  if (stats?.isFile() !== true || stats.size > LIMIT) return undefined;
  let rest = Buffer.alloc(0);
  try {
    for await (const chunk of streamFile(path, { signal })) {
      const text = Buffer.concat([rest, chunk]);
      const version = versionIn(text);
      if (version !== undefined) return version;
      rest = text.subarray(-(FLAG.length + LENGTH));
    }
    return versionIn(Buffer.concat([rest, Buffer.alloc(LENGTH)]));
  } catch {
    throwIfInterrupted(signal);
    // What cannot be read is not known.
    return undefined;
  }
}

/** Finds only what is followed by enough bytes to be whole. */
function versionIn(bytes: Buffer): string | undefined {
  for (let at = bytes.indexOf(FLAG); at !== -1; at = bytes.indexOf(FLAG, at + 1)) {
    const from = at + FLAG.length;
    if (bytes.length < from + LENGTH) return undefined;
    const version = VERSION.exec(bytes.toString('latin1', from, from + LENGTH))?.[0];
    if (version !== undefined) return version;
  }
  return undefined;
}
