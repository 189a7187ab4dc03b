import { describe, expect, it } from 'vitest';
import type { BuildWish } from '../../../src/verbs/build.ts';
import type { LockResult } from '../../../src/verbs/lock.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { type Library, runInMemory } from '../../support/process/cli.ts';

const LOCKED: LockResult = {
  path: 'lab.lock.json',
  items: 3,
  references: 2,
  urls: 1,
  added: 1,
  removed: 0,
  changed: 2,
  findings: [{ level: 'warning', message: 'Image "x" moved: was "a", is "b"' }],
};

function locking(result: LockResult): Library['lockSpec'] {
  return async (_wish, _surroundings, ears) => {
    for (const finding of result.findings) ears?.onFinding?.(finding);
    return result;
  };
}

describe('bundle lock', () => {
  it('hands every option on', async () => {
    let seen: Parameters<Library['lockSpec']> | undefined;
    const lock: Library['lockSpec'] = async (...given) => {
      seen = given;
      return LOCKED;
    };
    const argv = ['lock', 'lab.yaml', '--lock', 'l.json', '--concurrency', '3', '--registries', 'r.yaml'];
    await runInMemory(argv, { verbs: { lockSpec: lock }, env: { A: 'b' } });
    expect(seen?.[0]).toMatchObject({
      specPath: 'lab.yaml',
      lockPath: 'l.json',
      concurrency: 3,
      registriesFile: 'r.yaml',
    });
    expect(seen?.[1]).toMatchObject({ env: { A: 'b' }, home: '/home/user' });
    expect(seen?.[2]?.signal).toBeInstanceOf(AbortSignal);
  });

  it('prints what was locked on stdout, and what moved on stderr', async () => {
    const { status, stdout, stderr } = await runInMemory(['lock', 'lab.yaml'], {
      verbs: { lockSpec: locking(LOCKED) },
    });
    expect(status).toBe(0);
    expect(stdout).toBe(
      [
        'Locked lab.lock.json',
        '  holds     3 items: 2 references, 1 URL',
        '  pins      1 added, 2 changed',
        '  warnings  1',
        '',
      ].join('\n'),
    );
    expect(stderr).toBe(
      'Resolving lab.yaml\nwarning: Image "x" moved: was "a", is "b"\nnext: build just that: bundle build lab.yaml -o OUT --locked\n',
    );
  });

  it('says so when nothing changed', async () => {
    const result = { ...LOCKED, added: 0, changed: 0, findings: [] };
    const { stdout } = await runInMemory(['lock', 'lab.yaml'], { verbs: { lockSpec: locking(result) } });
    expect(stdout).toContain('  pins   unchanged\n');
  });

  it('prints one JSON document with --json', async () => {
    const { stdout } = await runInMemory(['lock', 'lab.yaml', '--json'], {
      verbs: { lockSpec: locking(LOCKED) },
    });
    expect(JSON.parse(stdout)).toEqual(LOCKED);
  });

  it.each([
    [[], 0, 'Up to date lab.lock.json', 'none'],
    [LOCKED.findings, 5, 'Out of date lab.lock.json', '1'],
  ] as const)('exits with --check by what differs: %j', async (differences, expected, title, count) => {
    let isCheck: boolean | undefined;
    const result: LockResult = { ...LOCKED, differences, findings: differences };
    const lockSpec: Library['lockSpec'] = async (wish, ...others) => {
      isCheck = wish.check;
      return await locking(result)(wish, ...others);
    };
    const { status, stdout, stderr } = await runInMemory(
      ['lock', 'lab.yaml', '--check', '--lock', 'l.json'],
      {
        verbs: { lockSpec },
      },
    );
    expect([isCheck, status]).toEqual([true, expected]);
    expect(stdout.split('\n')[0]).toBe(title);
    expect(stdout).toMatch(new RegExp(`^  differences +${count}$`, 'm'));
    expect(stderr.includes('[ERR_LOCK_OUTDATED]')).toBe(expected === 5);
    expect(stderr.includes('Run: bundle lock lab.yaml --lock l.json')).toBe(expected === 5);
  });

  it('wants a spec', async () => {
    const { status, stderr } = await runInMemory(['lock']);
    expect(status).toBe(2);
    expect(stderr).toContain('SPEC is missing');
  });
});

describe('bundle build', () => {
  it('hands the lock on, and shows what became of it', async () => {
    let seen: BuildWish | undefined;
    const build: Library['buildBundle'] = async (options) => {
      seen = options;
      const sizes = { bytes: 1, blobs: 1, fetchedBytes: 1, reusedBytes: 0 };
      const lock = { path: 'l.json', added: 4, removed: 1, changed: 0 };
      const root = digestOf('root');
      const path = 'lab.tar';
      return { root, path, paths: [path], ...sizes, items: 1, lock, seconds: 1, findings: [] };
    };
    const argv = ['build', 'lab.yaml', '-o', 'lab.tar', '--lock', 'l.json', '--locked'];
    const { stdout } = await runInMemory(argv, { verbs: { buildBundle: build } });
    expect(seen).toMatchObject({ lockPath: 'l.json', locked: true });
    expect(stdout).toContain('  locked   l.json: 4 added, 1 removed\n');
    await runInMemory(['build', 'lab.yaml', '-o', 'lab.tar'], { verbs: { buildBundle: build } });
    expect(seen).toMatchObject({ lockPath: undefined, locked: false });
  });
});
