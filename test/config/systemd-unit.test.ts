import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { systemdUnit } from '../../src/config/systemd-unit.ts';
import { requirePeer } from '../support/peers/peers.ts';
import { temporaryFolder } from '../support/temporary.ts';

const run = promisify(execFile);
const PROGRAM = '/usr/local/bin/bundle';

/** Returns the values of a setting, in order. */
function valuesOf(text: string, name: string): string[] {
  return [...text.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

describe('systemdUnit', () => {
  it('serves a bundle with nothing but the bundle to read', () => {
    const { path, text } = systemdUnit({ bundle: '/srv/lab.tar', program: PROGRAM });
    expect(path).toBe('saddlebag.service');
    expect(valuesOf(text, 'ExecStart')).toEqual([`${PROGRAM} serve /srv/lab.tar`]);
    expect(valuesOf(text, 'RequiresMountsFor')).toEqual(['/srv/lab.tar']);
    expect(valuesOf(text, 'DynamicUser')).toEqual(['yes']);
    expect(valuesOf(text, 'ProtectHome')).toEqual(['yes']);
    expect(valuesOf(text, 'CapabilityBoundingSet')).toEqual(['']);
    // The engine compiles as it goes, and would die of it.
    expect(text).not.toContain('MemoryDenyWriteExecute');
  });

  it('hands a key and passwords over, which the user of the service could not read', () => {
    const { text } = systemdUnit({
      bundle: '/srv/lab.tar',
      program: PROGRAM,
      listen: '0.0.0.0:443',
      tls: { cert: '/etc/lab/tls.crt', key: '/etc/lab/my tls.key' },
      htpasswd: '/etc/lab/100%',
    });
    expect(valuesOf(text, 'ExecStart')).toEqual([
      `${PROGRAM} serve /srv/lab.tar --listen 0.0.0.0:443 --tls-cert %d/tls.crt --tls-key %d/tls.key --htpasswd %d/htpasswd`,
    ]);
    expect(valuesOf(text, 'LoadCredential')).toEqual([
      'tls.crt:/etc/lab/tls.crt',
      'tls.key:/etc/lab/my tls.key',
      'htpasswd:/etc/lab/100%%',
    ]);
    expect(valuesOf(text, 'AmbientCapabilities')).toEqual(['CAP_NET_BIND_SERVICE']);
  });

  it.each(['/home/me/lab.tar', '/root/lab', '/run/user/1000/lab.tar'])(
    'shows of a home only the bundle %s',
    (bundle) => {
      const { text } = systemdUnit({ bundle, program: PROGRAM });
      expect(valuesOf(text, 'ProtectHome')).toEqual(['tmpfs']);
      expect(valuesOf(text, 'BindReadOnlyPaths')).toEqual([bundle]);
    },
  );

  it.each(['/tmp/lab.tar', '/var/tmp/a b/lab'])('shows %s in a temporary folder of its own', (bundle) => {
    const { text } = systemdUnit({ bundle, program: PROGRAM });
    expect(valuesOf(text, 'PrivateTmp')).toEqual(['yes']);
    expect(valuesOf(text, 'BindReadOnlyPaths')).toHaveLength(1);
    expect(valuesOf(text, 'BindReadOnlyPaths')[0]).toContain(bundle);
  });

  it('shows all volumes of a bundle in a home, and the key that must have signed it', () => {
    const { text } = systemdUnit({
      bundle: '/home/me/stick/lab.tar.001',
      program: PROGRAM,
      key: '/home/me/lab.pub',
    });
    expect(valuesOf(text, 'BindReadOnlyPaths')).toEqual(['/home/me/stick']);
    expect(valuesOf(text, 'ExecStart')[0]).toMatch(/ --key %d\/trusted\.pem$/);
    expect(valuesOf(text, 'LoadCredential')).toEqual(['trusted.pem:/home/me/lab.pub']);
  });

  it('escapes what systemd would expand or take apart', () => {
    const { text } = systemdUnit({ bundle: '/home/a b/50%"$x:y.tar', program: PROGRAM });
    expect(valuesOf(text, 'ExecStart')).toEqual([`${PROGRAM} serve "/home/a b/50%%\\"$$x:y.tar"`]);
    expect(valuesOf(text, 'RequiresMountsFor')).toEqual(['"/home/a b/50%%\\"$x:y.tar"']);
    expect(valuesOf(text, 'BindReadOnlyPaths')).toEqual(['"/home/a b/50%%\\"$x\\\\:y.tar"']);
  });

  it.for([
    ['plain', '/srv/lab.tar', undefined],
    ['with spaces and percent signs', '/home/me/my 50% lab.tar', '0.0.0.0:443'],
  ] as const)('is a unit that systemd takes without a word (%s)', async ([, bundle, listen], context) => {
    const program = requirePeer(context, 'systemd-analyze');
    using folder = temporaryFolder();
    const bin = join(folder.path, 'bin');
    mkdirSync(bin);
    const own = join(bin, 'bundle');
    writeFileSync(own, '#!/bin/sh\n');
    chmodSync(own, 0o755);
    const tls = { cert: '/etc/lab/tls.crt', key: '/etc/lab/tls.key' };
    const { path, text } = systemdUnit({ bundle, program: own, listen, tls, htpasswd: '/etc/lab/users' });
    const unit = join(folder.path, path);
    writeFileSync(unit, text);
    const { stdout, stderr } = await run(program, ['verify', '--man=no', unit]);
    const about = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('saddlebag.service'));
    expect(about).toEqual([]);
    // 0 is all that systemd can lock away, 10 is nothing.
    const judged = await run(program, ['security', '--offline=true', '--no-pager', unit]);
    const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(judged.stdout)?.[1]);
    expect(exposure).toBeLessThan(2.5);
  });
});
