import { reply, replyError, type Exchange } from './exchange.ts';
import { type InProcessRegistry, startRegistry } from './registry.ts';

export interface HarborOptions {
  readonly username?: string;
  readonly password?: string;
  readonly projects?: readonly string[];
  /** Whether the user may create projects; true when left out. */
  readonly mayCreate?: boolean;
  /** Whether the user may ask for projects; true when left out. A robot of one project may not. */
  readonly mayAsk?: boolean;
}

/** A registry in front of which a Harbor stands: its projects have to exist. */
export interface FakeHarbor extends InProcessRegistry {
  /** Whether each project is public, by name. */
  readonly projects: ReadonlyMap<string, boolean>;
  readonly username: string;
  readonly password: string;
}

/** Project names, `src/pkg/project/models` of Harbor. */
const PROJECT = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** Starts a fake of Harbor as the facts tell of it: the project API by Basic authentication, and a 401 without a challenge. */
export async function startHarbor(options: HarborOptions = {}): Promise<FakeHarbor> {
  const { username = 'admin', password = 'Harbor12345', mayAsk = true, mayCreate = true } = options;
  const projects = new Map((options.projects ?? []).map((name) => [name, false]));
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

  async function intercept(exchange: Exchange): Promise<boolean> {
    const { request, url } = exchange;
    if (url.pathname === '/api/v2.0/systeminfo') {
      const info = { auth_mode: 'db_auth', registry_url: 'harbor.lab' };
      await reply(exchange, 200, { 'content-type': 'application/json' }, Buffer.from(JSON.stringify(info)));
      return true;
    }
    if (url.pathname === '/api/v2.0/projects') {
      const isKnown = request.headers.authorization === authorization;
      if (!isKnown) await refuse(exchange, 401, 'UNAUTHORIZED');
      else if (request.method === 'HEAD') await tell(exchange);
      else await create(exchange);
      return true;
    }
    const [, project] = /^\/v2\/([^/]+)\/.+\/(?:blobs|manifests)\//.exec(url.pathname) ?? [];
    if (project === undefined || projects.has(project) || request.method === 'HEAD') return false;
    // `src/server/middleware/v2auth`: the challenge is empty.
    const message = `project ${project} not found`;
    await replyError(exchange, 401, { code: 'UNAUTHORIZED', message }, { 'www-authenticate': '' });
    return true;
  }

  async function tell(exchange: Exchange): Promise<void> {
    const name = exchange.url.searchParams.get('project_name') ?? '';
    await reply(exchange, mayAsk ? (projects.has(name) ? 200 : 404) : 403);
  }

  async function create(exchange: Exchange): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of exchange.request) chunks.push(Buffer.from(chunk));
    const document: { project_name?: unknown; metadata?: { public?: unknown } } = JSON.parse(
      Buffer.concat(chunks).toString(),
    );
    const name = document.project_name;
    if (!mayCreate) return refuse(exchange, 403, 'FORBIDDEN');
    if (typeof name !== 'string' || !PROJECT.test(name)) return refuse(exchange, 400, 'BAD_REQUEST');
    if (projects.has(name)) return refuse(exchange, 409, 'CONFLICT');
    projects.set(name, document.metadata?.public !== 'false');
    await reply(exchange, 201, { location: `/api/v2.0/projects/${name}` });
  }

  const registry = await startRegistry({ auth: { scheme: 'bearer', username, password }, intercept });
  return { ...registry, projects, username, password };
}

async function refuse(exchange: Exchange, status: number, code: string): Promise<void> {
  await replyError(exchange, status, { code, message: code.toLowerCase() });
}
