import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../test/support/http/free-port.ts';

/** An nginx that serves a folder as fast as it can. */
export interface Nginx extends AsyncDisposable {
  readonly url: string;
}

const PROGRAM = ['/usr/sbin/nginx', '/usr/bin/nginx'].find((path) => existsSync(path));

/** Starts nginx with `sendfile` over `root`, with its own files in `work`; `undefined` if it is not installed. */
export async function startNginx(root: string, work: string): Promise<Nginx | undefined> {
  if (PROGRAM === undefined) return undefined;
  const port = await freePort();
  const config = join(work, 'nginx.conf');
  writeFileSync(
    config,
    `daemon off; worker_processes 1; pid ${join(work, 'nginx.pid')}; error_log /dev/null crit; user root;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on;
  client_body_temp_path ${work}; proxy_temp_path ${work}; fastcgi_temp_path ${work}; uwsgi_temp_path ${work}; scgi_temp_path ${work};
  server { listen 127.0.0.1:${port}; root ${root}; }
}
`,
  );
  const child = spawn(PROGRAM, ['-c', config, '-p', work], { stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 200; tries++) {
    const isUp = await fetch(url).then(
      () => true,
      () => false,
    );
    if (isUp) break;
    await pause(20);
  }
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
