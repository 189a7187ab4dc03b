import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { Upstreams } from '../../../src/spec/schema.ts';
import { assetNames, SITE, sampleContent } from '../samples/sample-content.ts';
import { SAMPLE_SITES, type SampleSites } from '../samples/sample-sites.ts';
import { RKE2_SITE } from './rke2-site.ts';
import { type FaultAnswer, Faults } from './upstream-faults.ts';

export interface UpstreamOptions extends Partial<SampleSites> {
  /** Port on 127.0.0.1; a free one when left out. */
  readonly port?: number;
  /** The most releases on a page, whatever is asked for; 100 when left out. */
  readonly pageSize?: number;
}

/** A request as it came in. */
interface UpstreamRequest {
  readonly method: string;
  /** Path, decoded, without the query. */
  readonly path: string;
  /** Path and query as they were sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** A running mirror of the download sites. */
export interface Upstream extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** For the `upstreams` of a spec. */
  readonly upstreams: Upstreams;
  readonly requests: readonly UpstreamRequest[];
  readonly faults: Faults;
  /** What is served at a path, decoded. */
  content(path: string): Uint8Array | undefined;
}

/** Starts a mirror of the download sites with sample content: K3s, its channels, its releases by GitHub's API, kubectl, files. */
export async function startUpstream(options: UpstreamOptions = {}): Promise<Upstream> {
  const sites: SampleSites = { ...SAMPLE_SITES, ...options };
  const contents = sampleContent(sites);
  const requests: UpstreamRequest[] = [];
  const faults = new Faults();
  let url = '';
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    const path = decodeURIComponent(pathname);
    const method = request.method ?? 'GET';
    requests.push({ method, path, target: request.url ?? '/', headers: request.headers });
    const page =
      path === SITE.releases ? releasesPage(sites, url, searchParams, options.pageSize ?? 100) : undefined;
    const content =
      page?.content ?? (path === SITE.channels ? channelsDocument(sites, url) : contents.get(path)?.());
    answer(request, response, { content, headers: page?.headers ?? {}, fault: faults.take(method, path) });
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return {
    url,
    upstreams: {
      k3sChannels: `${url}${SITE.channels}`,
      k3sReleases: `${url}${SITE.releases}`,
      k3sDownloads: `${url}${SITE.downloads}`,
      k3sSource: `${url}${SITE.source}`,
      rke2Channels: `${url}${RKE2_SITE.channels}`,
      rke2Releases: `${url}${RKE2_SITE.releases}`,
      rke2Downloads: `${url}${RKE2_SITE.downloads}`,
      rke2Source: `${url}${RKE2_SITE.source}`,
      kubernetes: `${url}${SITE.kubernetes}`,
      rancherDownloads: `${url}${SITE.rancher}`,
      rancherReleases: `${url}${SITE.rancherReleases}`,
    },
    requests,
    faults,
    content: (path) => contents.get(path)?.(),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function releasesPage(
  { releases }: SampleSites,
  url: string,
  query: URLSearchParams,
  pageSize: number,
): { readonly content: Uint8Array; readonly headers: Readonly<Record<string, string>> } {
  const size = Math.min(Number(query.get('per_page') ?? 30), pageSize);
  const page = Number(query.get('page') ?? 1);
  const shown = releases.slice((page - 1) * size, page * size).map((release) => ({
    tag_name: release.tag,
    draft: false,
    prerelease: release.tag.includes('-rc'),
    assets: assetNames(release).map((name) => ({
      name,
      browser_download_url: `${url}${SITE.downloads}/${encodeURIComponent(release.tag)}/${name}`,
    })),
  }));
  const at = (number: number): string =>
    `<${url}${SITE.releases}?per_page=${query.get('per_page')}&page=${number}>`;
  const last = Math.max(1, Math.ceil(releases.length / size));
  const link = `${at(page + 1)}; rel="next", ${at(last)}; rel="last"`;
  return {
    content: Buffer.from(JSON.stringify(shown)),
    headers: { 'content-type': 'application/json; charset=utf-8', ...(page < last ? { link } : {}) },
  };
}

/** The form of rancher/channelserver. */
function channelsDocument({ channels }: SampleSites, url: string): Uint8Array {
  const self = `${url}${SITE.channels}`;
  const data = Object.entries(channels).map(([name, latest]) => ({
    id: name,
    type: 'channel',
    links: { self: `${self}/${name}` },
    name,
    latest,
  }));
  return Buffer.from(
    JSON.stringify({ type: 'collection', links: { self }, actions: {}, resourceType: 'channels', data }),
  );
}

interface Answer {
  readonly content: Uint8Array | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly fault: FaultAnswer | undefined;
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { content, headers, fault }: Answer,
): void {
  if (fault === 'html') return page(response, 200, 'Please log in');
  if (typeof fault === 'object' && 'status' in fault) {
    response.writeHead(fault.status, { 'content-type': 'text/plain', ...fault.headers });
    return void response.end(fault.body ?? '');
  }
  if (content === undefined) return page(response, 404, 'Not Found');
  const sent = damaged(content, fault);
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const offset = range === undefined ? 0 : Math.min(Number(range), sent.length);
  const rest = sent.subarray(offset);
  response.writeHead(range === undefined ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    'content-length': String(rest.length),
    ...(range === undefined ? {} : { 'content-range': `bytes ${offset}-${sent.length - 1}/${sent.length}` }),
    ...headers,
  });
  if (request.method === 'HEAD') return void response.end();
  if (fault !== 'early-close' && fault !== 'stall') return void response.end(rest);
  // A stall is for good: what continues it gets nothing, or halves would add up to the whole.
  const part = fault === 'stall' && range !== undefined ? 0 : Math.ceil(rest.length / 2);
  response.flushHeaders();
  response.write(rest.subarray(0, part), () => {
    if (fault === 'early-close') response.destroy();
  });
}

function damaged(content: Uint8Array, fault: FaultAnswer | undefined): Uint8Array {
  if (fault === 'wrong-bytes')
    return content.with(content.length >> 1, (content[content.length >> 1] ?? 0) ^ 1);
  if (typeof fault !== 'object' || !('withoutLine' in fault)) return content;
  const lines = Buffer.from(content)
    .toString('utf8')
    .split(/(?<=\n)/);
  return Buffer.from(lines.filter((line) => !line.includes(fault.withoutLine)).join(''));
}

function page(response: ServerResponse, status: number, title: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
  response.end(`<!DOCTYPE html>\n<html><head><title>${title}</title></head><body>${title}</body></html>\n`);
}
