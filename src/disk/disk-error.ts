import { messageOf, SaddlebagError, systemCode } from '../internal/error.ts';

const FULL: readonly string[] = ['ENOSPC', 'EDQUOT'];
const UNWRITABLE: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ELOOP: 'it is a symbolic link',
  ENOENT: 'there is no such folder',
  ENOTDIR: 'a part of the path is not a folder',
  EPERM: 'permission denied',
  EROFS: 'the filesystem is read-only',
};

/**
 * Returns our error for a failure of the system while `attempted` ("write") was done to `path`: `ERR_DISK_FULL`,
 * `ERR_OUTPUT_UNWRITABLE` or `ERR_DISK_FAILED`.
 */
export function diskError(attempted: string, path: string, cause: unknown): SaddlebagError {
  const code = systemCode(cause) ?? '';
  const what = `Cannot ${attempted} "${path}"`;
  if (FULL.includes(code)) {
    return new SaddlebagError('ERR_DISK_FULL', `${what}: no space is left`, {
      hint: 'Free some space, or write to another disk.',
      cause,
    });
  }
  const fact = UNWRITABLE[code];
  if (fact !== undefined) {
    return new SaddlebagError('ERR_OUTPUT_UNWRITABLE', `${what}: ${fact}`, {
      hint: 'Choose a folder that exists and that you may write to.',
      cause,
    });
  }
  if (code === 'EFBIG') {
    return new SaddlebagError('ERR_DISK_FAILED', `${what}: this filesystem holds no file that large`, {
      hint: 'FAT32 ends at 4 GiB: use --volume-size 4095MiB, or a disk with another filesystem, such as exFAT.',
      cause,
    });
  }
  return new SaddlebagError('ERR_DISK_FAILED', `${what}: ${messageOf(cause)}`, {
    hint: 'Check the disk and its cable, or write to another one.',
    cause,
  });
}
