import { resolve } from 'node:path';
import { SaddlebagError } from '../internal/error.ts';
import type { HostEnvironment } from './host-paths.ts';
import type { TargetOption, TargetRequest } from './kind.ts';

/** Returns the given folder, or else this user's default. @throws `ERR_USAGE_INVALID` */
export function folderFor(
  option: TargetOption,
  request: TargetRequest,
  own: (host: HostEnvironment) => string | undefined,
): string {
  const { host, platform } = request;
  const [chosen = true] = request.places;
  if (chosen !== true) return givenFolder(chosen, option);
  // The directories of another host are unknown here: they depend on its user and drives.
  const folder = host.os === platform.os ? own(host) : undefined;
  if (folder !== undefined) return folder;
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot use --${option.name} for ${platform.os}/${platform.architecture} on this ${host.os} host: no directory is given`,
    { hint: `Say where: --${option.name}=${option.value}.` },
  );
}

/**
 * Returns a folder that a user gave, as an absolute path: a receipt outlives the working directory. An empty name means
 * an unset variable.
 *
 * @throws `ERR_USAGE_INVALID` when the name is empty
 */
export function givenFolder(text: string, option: Pick<TargetOption, 'name'>): string {
  if (text !== '') return resolve(text);
  throw new SaddlebagError('ERR_USAGE_INVALID', `Cannot use --${option.name}: its directory is empty`);
}
