import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { collectBytes } from '../../../src/internal/bytes.ts';
import { Doorkeeper, type Need, type RegistryAuth } from './auth.ts';
import { RegistryContent } from './content.ts';
import { type Exchange, playFault, reply, replyError } from './exchange.ts';
import { type Fault, FaultScript } from './fault.ts';
import { listReferrers, listTags, pullBlob, pullManifest } from './pull.ts';
import { deleteManifest } from './delete.ts';
import { continueUpload, type PushManners, putManifest, startUpload } from './push.ts';
import { folderStore, memoryStore } from './store.ts';
import { RequestLog } from './request-log.ts';
import type { SampleImage } from '../samples/sample-image.ts';

export interface InProcessRegistryOptions {
  readonly auth?: RegistryAuth;
  readonly faults?: readonly Fault[];
  /** Keeps blobs here instead of in memory. */
  readonly folder?: string;
  /** Serves HTTPS with these PEM texts; `clientCa` makes it ask for client certificates. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly clientCa?: string };
  /** A free one when left out. */
  readonly port?: number;
  /** True when left out. */
  readonly mounts?: boolean;
  /** `relative` when left out. */
  readonly locations?: 'absolute' | 'relative';
  /** Returns what it takes for its own address, which one behind a proxy may get wrong; its URL when left out. */
  readonly ownAddress?: (url: string) => string;
  /** Whether it keeps lists of referrers (distribution specification 1.1); false when left out, as in Docker's registry. */
  readonly referrers?: boolean;
  /** Whether it takes what names a subject only when it has that, as GitLab did; false when left out. */
  readonly subjectsFirst?: boolean;
  /** Bytes that it wants a chunk of an upload to have at least. */
  readonly leastChunk?: number;
  /** How many of them it lists at a time; all when left out. */
  readonly referrerPage?: number;
  /** Answers before the registry does; returns whether it has. */
  readonly intercept?: (exchange: Exchange) => Promise<boolean>;
}

/** A registry in this process, for tests and the quickstart. */
export interface InProcessRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly url: string;
  readonly log: RequestLog;
  /** Requests at the token endpoint when it has an origin of its own. */
  readonly realmLog: RequestLog;
  readonly content: RegistryContent;
  /** Adds a fault to the script while it runs. */
  inject(fault: Fault): void;
  /** Puts an image there without any request; `tag` names its root. */
  seed(repository: string, image: SampleImage, tag?: string): Promise<void>;
}

/** Starts an OCI distribution registry (distribution specification 1.1, pull, push, tags) on a port of 127.0.0.1. */
export async function startRegistry(options: InProcessRegistryOptions = {}): Promise<InProcessRegistry> {
  const log = new RequestLog();
  const script = new FaultScript();
  for (const fault of options.faults ?? []) script.add(fault);
  const content = new RegistryContent(
    options.folder === undefined ? memoryStore() : await folderStore(options.folder),
  );
  const door = options.auth === undefined ? undefined : new Doorkeeper(options.auth);
  let manners: PushManners = {
    mounts: true,
    locations: 'relative',
    referrers: false,
    subjectsFirst: false,
    origin: '',
  };
  let realm = '';

  const { server, url } = await listen(options, (request, response) => {
    const { intercept, referrerPage } = options;
    const service = { content, door, manners, realm, intercept, referrerPage };
    void serve(exchangeOf(request, response, log, script), service);
  });
  manners = {
    mounts: options.mounts ?? true,
    locations: options.locations ?? 'relative',
    referrers: options.referrers ?? false,
    subjectsFirst: options.subjectsFirst ?? false,
    leastChunk: options.leastChunk,
    origin: options.ownAddress?.(url) ?? url,
  };

  const realmLog = options.auth?.ownRealm === true ? new RequestLog() : log;
  const other =
    options.auth?.ownRealm === true
      ? await listen({}, (request, response) => {
          void serve(exchangeOf(request, response, realmLog, script), { content, door, manners, realm });
        })
      : undefined;
  realm = `${other?.url ?? url}/token`;

  return {
    host: new URL(url).host,
    url,
    log,
    realmLog,
    content,
    inject: (fault) => script.add(fault),
    seed: (repository, image, tag) => seed(content, repository, image, tag),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([close(server), other === undefined ? undefined : close(other.server)]);
    },
  };
}

interface Service {
  readonly content: RegistryContent;
  readonly door: Doorkeeper | undefined;
  readonly manners: PushManners;
  readonly realm: string;
  readonly intercept?: InProcessRegistryOptions['intercept'];
  readonly referrerPage?: number | undefined;
}

function exchangeOf(
  request: IncomingMessage,
  response: ServerResponse,
  log: RequestLog,
  script: FaultScript,
): Exchange {
  const entry = log.add(request);
  const url = new URL(request.url ?? '/', 'http://registry.invalid');
  return { request, response, url, entry, fault: script.take(entry) };
}

/** A fault of this server itself must fail the test that met it, with its reason, instead of hanging it. */
async function serve(exchange: Exchange, service: Service): Promise<void> {
  try {
    if (await playFault(exchange)) return;
    if ((await service.intercept?.(exchange)) !== true) await route(exchange, service);
  } catch (error) {
    if (exchange.response.headersSent) exchange.response.destroy();
    else await replyError(exchange, 500, { code: 'UNKNOWN', message: String(error) });
  }
}

async function route(exchange: Exchange, service: Service): Promise<void> {
  const { request, url, entry } = exchange;
  const { content, manners } = service;
  if (entry.topic === 'token') return giveToken(exchange, service.door);
  const [, name = '', kind = '', id = ''] =
    /^\/v2\/(.+?)\/(manifests|blobs\/uploads|blobs|tags|referrers)\/([^/]*)$/.exec(url.pathname) ?? [];
  if (!(await admit(exchange, service, name))) return;
  if (entry.topic === 'ping')
    return reply(exchange, 200, { 'docker-distribution-api-version': 'registry/2.0' }, Buffer.from('{}'));
  const reading = request.method === 'GET' || request.method === 'HEAD';
  if (kind === 'manifests' && reading) return pullManifest(exchange, content, name, id);
  if (kind === 'manifests' && request.method === 'PUT')
    return putManifest(exchange, content, { name, reference: id, manners });
  if (kind === 'manifests' && request.method === 'DELETE') return deleteManifest(exchange, content, name, id);
  if (kind === 'blobs' && reading) return pullBlob(exchange, content, name, id);
  if (kind === 'referrers' && reading && manners.referrers)
    return listReferrers(exchange, content, {
      name,
      subject: id,
      pageSize: service.referrerPage ?? Infinity,
    });
  if (kind === 'tags' && reading) return listTags(exchange, content, name);
  if (kind === 'blobs/uploads' && request.method === 'POST')
    return startUpload(exchange, content, name, manners);
  if (kind === 'blobs/uploads') return continueUpload(exchange, content, { name, id, manners });
  await replyError(exchange, 404, { code: 'UNSUPPORTED' });
}

/** Answers 401 to whoever may not; returns whether the request may go on. */
async function admit(exchange: Exchange, { door, realm }: Service, name: string): Promise<boolean> {
  const { request, url, fault } = exchange;
  if (door === undefined) return true;
  if (fault?.type === 'expire-token') door.forget(request);
  const writing = request.method !== 'GET' && request.method !== 'HEAD';
  const from = url.searchParams.get('from');
  const needs: Need[] = [];
  if (name !== '') needs.push({ repository: name, actions: writing ? ['pull', 'push'] : ['pull'] });
  if (from !== null) needs.push({ repository: from, actions: ['pull'] });
  if (door.admits(request, needs)) return true;
  const challenge = { 'www-authenticate': door.challenge(realm, needs) };
  await replyError(exchange, 401, { code: 'UNAUTHORIZED', message: 'authentication required' }, challenge);
  return false;
}

async function giveToken(exchange: Exchange, door: Doorkeeper | undefined): Promise<void> {
  const { request, url } = exchange;
  const form = request.method === 'POST' ? new URLSearchParams(await bodyText(request)) : undefined;
  const token = door?.token(request, url.searchParams, form);
  if (token === undefined) return replyError(exchange, 401, { code: 'UNAUTHORIZED' });
  await reply(exchange, 200, { 'content-type': 'application/json' }, Buffer.from(JSON.stringify(token)));
}

async function bodyText(request: IncomingMessage): Promise<string> {
  const onExcess = (): Error => new Error('Cannot give token: the form is too large');
  return Buffer.from(await collectBytes(request, { limit: 65_536, onExcess })).toString();
}

async function seed(
  content: RegistryContent,
  repository: string,
  image: SampleImage,
  tag: string | undefined,
): Promise<void> {
  for (const blob of image.blobs) {
    await content.store.write(blob.bytes);
    content.open(repository).blobs.add(blob.descriptor.digest);
  }
  for (const manifest of image.manifests) {
    await content.store.write(manifest.bytes);
    content.open(repository).manifests.set(manifest.descriptor.digest, manifest.descriptor.mediaType);
  }
  if (tag !== undefined) content.open(repository).tags.set(tag, image.root.digest);
}

async function listen(
  options: InProcessRegistryOptions,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ server: Server; url: string }> {
  const { tls, port = 0 } = options;
  const server: Server =
    tls === undefined
      ? createServer(handle)
      : createSecureServer(
          {
            key: tls.key,
            cert: tls.cert,
            ...(tls.clientCa === undefined
              ? {}
              : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
          },
          handle,
        );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { server, url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${portOf(server.address())}` };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('Cannot listen: no port was given');
  return address.port;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
