import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mergedPullSecret } from '../../config/render.ts';
import { factOf } from '../../disk/errno.ts';
import { makeFolder } from '../../disk/folder.ts';
import { place } from '../../disk/place.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { createCredentialStore } from '../../registry/credentials/store.ts';
import { parseRegistryAddress } from '../../targets/registry/address.ts';
import type { Surroundings } from '../surroundings.ts';

/**
 * Adds this user's credentials for a registry to a pull secret, and writes the result for this user alone. Returns its path.
 *
 * @throws `ERR_CREDENTIALS_INVALID` when the pull secret is none, or nothing is known for the registry; `ERR_USAGE_INVALID`, and
 * the errors of writing files
 */
export async function saveMergedSecret(
  { merge, output, registry }: { readonly merge: string; readonly output: string; readonly registry: string },
  { env, home }: Surroundings,
  { signal }: WaitOptions,
): Promise<{ readonly path: string; readonly host: string }> {
  const { host, prefix } = parseRegistryAddress(registry);
  const found = await createCredentialStore({ env, home }).find(host, { repository: prefix, signal });
  if (found?.type !== 'password')
    throw new SaddlebagError(
      'ERR_CREDENTIALS_INVALID',
      `Cannot add "${host}" to the pull secret: no user name and password are known for it here`,
      { hint: `Log in with a read-only account: docker login ${host}, or podman login ${host}.` },
    );
  const text = mergedPullSecret(await readSecret(merge), host, found);
  const path = join(output, 'pull-secret.json');
  await makeFolder(output);
  await place(path, `${text}\n`, { mode: 0o600, kind: 'target', signal });
  return { path, host };
}

async function readSecret(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new SaddlebagError(
      'ERR_USAGE_INVALID',
      `Cannot read --merge ${JSON.stringify(path)}: ${factOf(cause)}`,
      {
        cause,
      },
    );
  }
}
