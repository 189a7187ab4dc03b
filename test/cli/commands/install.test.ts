import { describe, expect, it } from 'vitest';
import { type InstallResult, UnprovenError } from '../../../src/verbs/install.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { type Library, runInMemory } from '../../support/process/cli.ts';

const ROOT = digestOf('root');

describe('bundle install', () => {
  const installed: InstallResult = {
    root: ROOT,
    signed: false,
    signature: 'none',
    actions: [
      {
        target: 'registry',
        kind: 'image',
        name: 'a',
        destination: 'h/a:1',
        bytes: 1024,
        state: 'missing',
        outcome: 'pushed',
      },
      {
        target: 'registry',
        kind: 'image',
        name: 'b',
        destination: 'h/b:1',
        bytes: 0,
        state: 'present',
        outcome: 'present',
      },
      {
        target: 'kuberlr',
        kind: 'kubectl',
        name: 'c',
        destination: '/c',
        bytes: 512,
        state: 'missing',
        outcome: 'placed',
      },
    ],
    findings: [{ level: 'ok', message: 'it works' }],
    space: [{ place: '/c', needed: 512, free: 100 }],
    receipt: '/state/receipt.json',
  };

  it('hands every option on, a place that is left out as true', async () => {
    let seen: unknown;
    const install: Library['installBundle'] = async (options) => {
      seen = options;
      return installed;
    };
    const argv = [
      'install',
      'lab.tar',
      '--registry',
      'a:1',
      '--registry=b/p',
      '--rancher-desktop',
      '--kuberlr=/k',
    ];
    argv.push('--k3s-node=/root=1', '--files', '/f', '--host-platform', 'windows/amd64', '--naming', 'strip');
    await runInMemory([...argv, '--registries', 'r.yaml', '--base', 'old.tar', '--dry-run'], {
      verbs: { installBundle: install },
    });
    expect(seen).toMatchObject({
      path: 'lab.tar',
      targets: {
        registry: ['a:1', 'b/p'],
        'rancher-desktop': true,
        kuberlr: '/k',
        'k3s-node': '/root=1',
        files: '/f',
        naming: 'strip',
      },
      hostPlatform: 'windows/amd64',
      registriesFile: 'r.yaml',
      bases: ['old.tar'],
      dryRun: true,
    });
    await runInMemory(['install', 'lab.tar', '--upload-chunk', '50MB'], {
      verbs: { installBundle: install },
    });
    expect(seen).toMatchObject({ uploadChunk: 50_000_000 });
    await runInMemory(['install', 'lab.tar', '--k3s-node'], { verbs: { installBundle: install } });
    expect(seen).toMatchObject({
      targets: { 'k3s-node': true, registry: undefined, 'rancher-desktop': undefined, kuberlr: undefined },
    });
  });

  it.each(['0', '999', 'fast', '1.5MiB'])('takes no chunk of %s', async (size) => {
    const { status, stderr } = await runInMemory(['install', 'lab.tar', '--upload-chunk', size]);
    expect(status).toBe(2);
    expect(stderr).toContain('--upload-chunk');
  });

  it('sums up each target, then says what was proven', async () => {
    const install: Library['installBundle'] = async () => installed;
    const { status, stdout } = await runInMemory(['install', 'lab.tar'], {
      verbs: { installBundle: install },
    });
    expect(status).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'Installed',
      '  registry  1 pushed, 1 present  1.0 KiB',
      '  kuberlr   1 placed               512 B',
      'ok: it works',
      'receipt /state/receipt.json',
      `root ${ROOT}`,
      '',
    ]);
  });

  it('shows what a dry run would change, and the space', async () => {
    const actions = installed.actions.map((action) => ({ ...action, outcome: 'planned' as const }));
    const install: Library['installBundle'] = async () => ({ ...installed, actions, findings: [] });
    const { stdout } = await runInMemory(['install', 'lab.tar', '--dry-run'], {
      verbs: { installBundle: install },
    });
    expect(stdout).toMatch(/^Would install\n/);
    expect(stdout).toMatch(/ {2}image +a +1\.0 KiB {2}-> h\/a:1\n/);
    expect(stdout).not.toContain('-> h/b:1');
    expect(stdout).toContain('space at /c: 512 B needed, 100 B free (not enough)\n');
  });

  it('says that nothing is left to do', async () => {
    const actions = installed.actions.map(
      (action) => ({ ...action, state: 'present', outcome: 'present' }) as const,
    );
    const install: Library['installBundle'] = async () => ({ ...installed, actions });
    expect((await runInMemory(['install', 'lab.tar'], { verbs: { installBundle: install } })).stdout).toMatch(
      /^Nothing to do: /,
    );
    const dry = await runInMemory(['install', 'lab.tar', '--dry-run'], { verbs: { installBundle: install } });
    expect(dry.stdout).toMatch(/^Would change nothing: /);
  });

  it('has a result even when the proof fails, and ends with status 7', async () => {
    const result: InstallResult = {
      ...installed,
      findings: [{ level: 'error', message: 'it does not work', hint: 'repair it' }],
    };
    const install: Library['installBundle'] = () => Promise.reject(new UnprovenError(result));
    const { status, stdout, stderr } = await runInMemory(['install', 'lab.tar'], {
      verbs: { installBundle: install },
    });
    expect(status).toBe(7);
    expect(stdout).toContain('error: it does not work\nhint: repair it\n');
    expect(stderr).toContain('[ERR_TARGET_UNPROVEN]');
    const json = await runInMemory(['install', 'lab.tar', '--json'], { verbs: { installBundle: install } });
    expect(JSON.parse(json.stdout)).toEqual(result);
  });

  it('says what it is doing in each phase', async () => {
    const install: Library['installBundle'] = async (_wish, _surroundings, ears) => {
      ears?.onProgress?.({ phase: 'verify', bytesDone: 0, bytesTotal: 10 });
      ears?.onProgress?.({ phase: 'plan', target: 'registry' });
      ears?.onProgress?.({
        phase: 'apply',
        bytesDone: 0,
        bytesTotal: 10,
        actionsDone: 0,
        actionsTotal: 1,
        underWay: [],
      });
      ears?.onProgress?.({ phase: 'prove', target: 'registry' });
      return installed;
    };
    const { stderr } = await runInMemory(['install', 'lab.tar'], { verbs: { installBundle: install } });
    expect(stderr).toMatch(/^Looking into registry\nProving registry\nnext: /);
  });
});
