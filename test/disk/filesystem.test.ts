import { describe, expect, it } from 'vitest';
import { filesystemOf, filesystemOfType } from '../../src/disk/filesystem.ts';
import { temporaryFolder } from '../support/temporary.ts';

describe('a filesystem', () => {
  it.each([
    ['FAT', 0x4d44, 'FAT32'],
    ['exFAT', 0x2011bab0, 'exFAT'],
    ['NTFS, by the driver of old', 0x5346544e, 'NTFS'],
    ['NTFS', 0x7366746e, 'NTFS'],
    ['one served by a program', 0x65735546, 'FUSE'],
  ])('that is %s fills gaps', (_, type, name) => {
    expect(filesystemOfType(type, 'linux')).toMatchObject({ name, fillsGaps: true });
  });

  it('that is FAT holds no file of 4 GiB, and not many long names in a folder', () => {
    expect(filesystemOfType(0x4d44, 'linux')).toMatchObject({
      fileLimit: 4_294_967_295,
      folderLimit: 10_922,
    });
    expect(filesystemOfType(0x2011bab0, 'linux').fileLimit).toBeUndefined();
  });

  it.each([
    ['ext4', 0xef53, 'linux'],
    ['tmpfs', 0x01021994, 'linux'],
    ['of a Mac, where numbers mean other things', 0x4d44, 'darwin'],
  ])('that is %s has holes', (_, type, platform) => {
    expect(filesystemOfType(type, platform)).toEqual({ fillsGaps: false });
  });

  it('of Windows fills gaps, whatever it is', () => {
    expect(filesystemOfType(0, 'win32')).toEqual({ fillsGaps: true });
  });

  it('is asked for by a path that is there', async () => {
    using folder = temporaryFolder();
    expect(await filesystemOf(folder.path)).toMatchObject({ fillsGaps: expect.any(Boolean) });
    await expect(filesystemOf(`${folder.path}/none`)).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
    });
  });
});
