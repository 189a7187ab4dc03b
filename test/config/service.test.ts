import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { systemdUnit } from '../../src/config/systemd-unit.ts';
import { freePort } from '../support/http/free-port.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';
import { temporaryFolder } from '../support/temporary.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
/** bcrypt of `correct horse`. */
const HTPASSWD = 'saddlebag:$2b$05$ZLa2sIViSsJcgj.2A8wYQO.lf/kEgQJawu8xN8SneQMwbzk/TYGqy\n';

describe('the command of the unit', () => {
  it('serves the bundle, with what systemd hands over in the folder of its credentials', async () => {
    using folder = temporaryFolder();
    const bundle = join(folder.path, 'my lab.tar');
    writeFileSync(bundle, sampleBundle().tar);
    writeFileSync(join(folder.path, 'users'), HTPASSWD);
    const listen = `127.0.0.1:${await freePort()}`;
    const { text } = systemdUnit({
      bundle,
      program: '/bundle',
      listen,
      htpasswd: join(folder.path, 'users'),
    });
    // What systemd does: the credential goes where %d points, and the line is taken apart by words.
    const [, name = '', source = ''] = /^LoadCredential=(.*?):(.*)$/m.exec(text) ?? [];
    copyFileSync(source, join(folder.path, name));
    const [, line = ''] = /^ExecStart=\/bundle (.*)$/m.exec(text) ?? [];
    const command = line.replaceAll('%d', folder.path);
    const server = spawn('sh', ['-c', `exec "${process.execPath}" "${MAIN}" ${command}`], {
      env: { HOME: folder.path },
      stdio: 'ignore',
    });
    const ended = once(server, 'exit');
    try {
      const answer = await firstAnswer(`http://${listen}/v2/`, () => server.exitCode === null);
      expect(answer?.status).toBe(401);
      const authorization = `Basic ${Buffer.from('saddlebag:correct horse').toString('base64')}`;
      const allowed = await fetch(`http://${listen}/v2/`, { headers: { authorization } });
      expect(allowed.status).toBe(200);
    } finally {
      server.kill('SIGTERM');
      await ended;
    }
  });
});

async function firstAnswer(url: string, isAlive: () => boolean): Promise<Response | undefined> {
  while (isAlive()) {
    try {
      return await fetch(url);
    } catch {
      // It is not up yet.
      await pause(50);
    }
  }
  return undefined;
}
