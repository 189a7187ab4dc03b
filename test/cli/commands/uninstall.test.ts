import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import type { UninstallResult } from '../../../src/verbs/uninstall.ts';
import { type Library, runInMemory } from '../../support/process/cli.ts';

const RESULT: UninstallResult = {
  root: digestOf('root'),
  receipt: '/state/lab.json',
  actions: [
    { target: 'files', kind: 'file', name: 'tool', destination: '/srv/tool', outcome: 'removed' },
    { target: 'files', kind: 'file', name: 'other', destination: '/srv/other', outcome: 'kept' },
    { target: 'registry', kind: 'image', name: 'a:1', destination: 'r:5000/a:1', outcome: 'absent' },
  ],
  findings: [{ level: 'warning', message: '/srv/other was changed', hint: 'Remove it by hand.' }],
};

describe('bundle uninstall', () => {
  it('hands its options on, and says what became of things at each target and why', async () => {
    const seen: Parameters<Library['uninstall']>[] = [];
    const uninstall: Library['uninstall'] = async (...given) => {
      seen.push(given);
      return RESULT;
    };
    const argv = ['uninstall', 'lab.json', '--registries', 'r.yaml'];
    const { status, stdout } = await runInMemory(argv, { verbs: { uninstall } });
    expect(status).toBe(0);
    expect(seen).toMatchObject([
      [{ receipt: 'lab.json', registriesFile: 'r.yaml', dryRun: false }, { home: '/home/user' }, {}],
    ]);
    expect(stdout.split('\n')).toEqual([
      'Uninstalled',
      expect.stringMatching(/^ {2}files +1 removed, 1 kept$/),
      expect.stringMatching(/^ {2}registry +1 absent$/),
      'warning: /srv/other was changed',
      'hint: Remove it by hand.',
      'removed receipt /state/lab.json',
      '',
    ]);
  });

  it('lists in a dry run what would go', async () => {
    const { stdout } = await runInMemory(['uninstall', 'lab.json', '--dry-run'], {
      verbs: { uninstall: async () => RESULT },
    });
    expect(stdout).toMatch(/^Would uninstall\n/);
    expect(stdout).toMatch(/\n {2}file +tool +\/srv\/tool\n/);
    expect(stdout).not.toContain('removed receipt');
  });

  it('says when there is nothing to take back', async () => {
    const { stdout } = await runInMemory(['uninstall', 'lab.json'], {
      verbs: { uninstall: async () => ({ ...RESULT, actions: [], findings: [] }) },
    });
    expect(stdout).toBe('Nothing to take back\nremoved receipt /state/lab.json\n');
  });

  it('prints the result as one JSON document', async () => {
    const { stdout } = await runInMemory(['uninstall', 'lab.json', '--json'], {
      verbs: { uninstall: async () => RESULT },
    });
    expect(JSON.parse(stdout)).toEqual(RESULT);
  });
});
