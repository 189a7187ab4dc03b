import { describe, expect, it } from 'vitest';
import type { BuildWish } from '../../../src/verbs/build.ts';
import { shapeFor } from '../../../src/bundle/shape.ts';
import { parseSize } from '../../../src/cli/options/values.ts';
import { shapeOf } from '../../../src/cli/options/shape.ts';
import { runInMemory } from '../../support/process/cli.ts';

describe('a size', () => {
  it.each([
    ['4294967295', 4_294_967_295],
    ['70000B', 70_000],
    ['700MB', 700_000_000],
    ['4GiB', 4 * 2 ** 30],
    ['4095MiB', 4095 * 2 ** 20],
    ['64kib', 65_536],
    ['2 TB', 2e12],
  ])('%s is %i bytes', (text, bytes) => expect(parseSize('--volume-size', text, { min: 1 })).toBe(bytes));

  it.each(['', '4', '-4GiB', '4.5GiB', '4 G', '4GiB!', 'GiB', '1e9', '99999999TiB', '0x100000', '٣GiB'])(
    '%j is refused, with what is expected',
    (text) => {
      expect(() => parseSize('--volume-size', text, { min: 65_536 })).toThrow(
        'expected a size of at least 65536 bytes, such as 4GiB or 700MB',
      );
    },
  );
});

describe('the options of a shape', () => {
  it('are left to the name when they are left out', () => {
    expect(shapeOf({ format: undefined, volumeSize: undefined })).toEqual({});
    expect(
      ['lab.tar', 'LAB.TAR', 'lab.zip', 'lab', 'lab.d', 'lab.tar.d'].map((path) => shapeFor(path).form),
    ).toEqual(['tar', 'tar', 'zip', 'dir', 'dir', 'dir']);
  });

  it.each([
    ['lab', 'dir'],
    ['.bundle', 'dir'],
    ['lab-1.30', 'dir'],
    ['../lab', 'dir'],
    ['a.b/lab', 'dir'],
    ['lab.d/', 'dir'],
    ['C:\\a.b\\lab', 'dir'],
    ['lab.Zip', 'zip'],
  ])('read %j as a %s', (path, form) => {
    expect(shapeFor(path).form).toBe(form);
  });

  it.each([
    ['lab.tar.gz', /not compressed.*Write "lab\.tar"/],
    ['lab.tgz', /not compressed.*Write "lab\.tar"/],
    ['lab.tar.zst', /not compressed.*Write "lab\.tar"/],
    ['lab.iso', /Write "lab\.tar", or --format dir/],
    ['lab.yaml', /Write "lab\.tar", or --format dir/],
    ['lab.7z', /Write "lab\.tar"/],
    ['out/lab.TARBALL', /Write "out\/lab\.tar"/],
    ['lab.tar.001', /Write "lab\.tar", and --volume-size/],
  ])('refuse %j, with the remedy', (path, hint) => {
    expect(() => shapeFor(path)).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE_INVALID', hint: expect.stringMatching(hint) }),
    );
    expect(shapeFor(path, { form: 'dir' }).form).toBe('dir');
  });

  it('count more than the name', () => {
    const choice = shapeOf({ format: 'dir', volumeSize: '1MiB' });
    expect(shapeFor('lab.tar', choice)).toEqual({ form: 'dir', volumeSize: 1_048_576 });
  });

  it('refuse a form that there is not', () => {
    expect(() => shapeOf({ format: 'rar', volumeSize: undefined })).toThrow('expected tar, zip, dir');
  });

  it('come to the build', async () => {
    let seen: BuildWish | undefined;
    const argv = ['build', 'lab.yaml', '-o', 'lab', '--format', 'zip', '--volume-size', '700MB'];
    await runInMemory(argv, {
      verbs: {
        buildBundle: async (options) => {
          seen = options;
          throw new Error('seen');
        },
      },
    });
    expect(seen).toMatchObject({ out: 'lab', form: 'zip', volumeSize: 700_000_000 });
  });

  it('that make no sense end the command before anything is done', async () => {
    const { status, stderr } = await runInMemory(['build', 'lab.yaml', '-o', 'lab', '--volume-size', 'big']);
    expect(status).toBe(2);
    expect(stderr).toContain('--volume-size "big"');
  });
});
