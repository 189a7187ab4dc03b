import { resolve } from 'node:path';
import { SaddlebagError } from '../internal/error.ts';
import type { HostEnvironment } from './host-paths.ts';
import type { TargetOption, TargetRequest } from './kind.ts';

/** Returns the folder that is named, or else the one that this user's programs have. @throws `ERR_USAGE_INVALID` */
export function folderFor(
  option: TargetOption,
  request: TargetRequest,
  own: (host: HostEnvironment) => string | undefined,
): string {
  const { host, platform } = request;
  const [chosen = true] = request.places;
  if (chosen !== true) return givenFolder(chosen, option);
  // Another system's directories cannot be worked out from here: whose home, whose drive?
  const folder = host.os === platform.os ? own(host) : undefined;
  if (folder !== undefined) return folder;
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot use --${option.name} for ${platform.os}/${platform.architecture} on this ${host.os} host: no directory is given`,
    { hint: `Say where: --${option.name}=${option.value}.` },
  );
}

/** Returns a folder that a user gave. A receipt outlives the working directory, and an empty name is a variable that was not set. */
export function givenFolder(text: string, option: Pick<TargetOption, 'name'>): string {
  if (text !== '') return resolve(text);
  throw new SaddlebagError('ERR_USAGE_INVALID', `Cannot use --${option.name}: its directory is empty`);
}
