import type { ArtifactFile } from '../../oci/artifact.ts';
import type { Exchange, Route, Site } from '../http/exchange.ts';
import type { Library } from '../holdings/library.ts';
import { sendNotFound, sendText } from '../http/not-found.ts';
import { sendJson } from '../http/reply.ts';
import { INSTALL_SCRIPT } from '../../products/distribution/asset.ts';
import { PROJECT } from '../../products/k3s/place.ts';
import { type KnownReleases, knownReleases } from './k3s-releases.ts';
import { fileRoute, filesOfItem } from './shelf.ts';

const RELEASES = `/${PROJECT}/releases`;
const CHANNELS = '/v1-release/channels';
/** GitHub's REST API, "List releases". */
const PAGE_SIZE = { usual: 30, most: 100 } as const;

/** Serves everything K3s is downloaded from: the GitHub releases, their list, the channels, the install script. */
export function k3sSite(library: Library): Site {
  let known: Promise<KnownReleases> | undefined;
  const releases = async (): Promise<KnownReleases> => {
    const asked = (known ??= knownReleases(library));
    // Do not cache a failure: the next request tries again.
    asked.catch(() => (known = undefined));
    return await asked;
  };
  return (parts) => {
    const path = parts.join('/');
    if (path === `repos${RELEASES}`) return listRoute(releases);
    if (`/${path}` === CHANNELS) return channelsRoute(releases);
    const [first, second, third, fourth, tag = '', name = '', ...more] = parts;
    if (first === 'v1-release' && second === 'channels' && parts.length === 3)
      return channelRoute(third, releases);
    if (first === 'raw' && isProject(second, third) && parts.length === 5 && tag === INSTALL_SCRIPT)
      return fileRoute('k3s-source', library, () => fileOf(library, fourth ?? '', INSTALL_SCRIPT));
    if (!isProject(first, second) || third !== 'releases' || more.length > 0) return undefined;
    if (fourth === 'download' && parts.length === 6)
      return fileRoute('k3s-download', library, () => fileOf(library, tag, name));
    return fourth === 'tag' && parts.length === 5 ? tagRoute(tag, releases) : undefined;
  };
}

function isProject(owner: string | undefined, name: string | undefined): boolean {
  return `${owner}/${name}` === PROJECT;
}

async function fileOf(library: Library, tag: string, name: string): Promise<ArtifactFile | undefined> {
  return (await filesOfItem(library, 'k3s', tag)).find((file) => file.name === name);
}

function listRoute(releases: () => Promise<KnownReleases>): Route {
  return { name: 'k3s-releases', handle: async (exchange) => sendReleases(exchange, await releases()) };
}

/** Paginates as GitHub's API does, with a `Link` to the next page. */
function sendReleases(exchange: Exchange, { releases }: KnownReleases): void {
  const { query, origin } = exchange;
  const size = Math.min(countOf(query.get('per_page'), PAGE_SIZE.usual), PAGE_SIZE.most);
  const page = countOf(query.get('page'), 1);
  const shown = releases.slice((page - 1) * size, page * size).map(({ tag, files, assets }) => ({
    tag_name: tag,
    name: tag,
    html_url: `${origin}${RELEASES}/tag/${tag}`,
    draft: false,
    prerelease: tag.includes('-'),
    assets: assets.map((name) => {
      const file = files.find((one) => one.name === name);
      const url = `${origin}${RELEASES}/download/${encodeURIComponent(tag)}/${name}`;
      return { name, ...file?.descriptor, browser_download_url: url };
    }),
  }));
  const last = Math.max(1, Math.ceil(releases.length / size));
  const at = (number: number, rel: string): string => {
    const target = new URLSearchParams({ per_page: String(size), page: String(number) });
    return `<${origin}/repos${RELEASES}?${target.toString()}>; rel="${rel}"`;
  };
  const link = page < last ? { link: `${at(page + 1, 'next')}, ${at(last, 'last')}` } : {};
  sendJson(exchange, shown, link);
}

function countOf(text: string | null, otherwise: number): number {
  return /^[1-9]\d{0,5}$/.test(text ?? '') ? Number(text) : otherwise;
}

/** The format of rancher/channelserver, `model/config.go`. */
function channelsRoute(releases: () => Promise<KnownReleases>): Route {
  return {
    name: 'k3s-channels',
    handle: async (exchange) => {
      const self = `${exchange.origin}${CHANNELS}`;
      const { channels } = await releases();
      const data = [...channels].map(([name, latest]) => ({
        id: name,
        type: 'channel',
        links: { self: `${self}/${name}` },
        name,
        latest,
      }));
      sendJson(exchange, {
        type: 'collection',
        links: { self },
        actions: {},
        resourceType: 'channels',
        data,
      });
    },
  };
}

/** `install.sh` follows the redirect and takes the last path segment as the version. */
function channelRoute(name: string | undefined, releases: () => Promise<KnownReleases>): Route {
  return {
    name: 'k3s-channels',
    handle: async (exchange) => {
      const tag = (await releases()).channels.get(name ?? '');
      if (tag === undefined) return sendNotFound(exchange);
      exchange.response.writeHead(302, { location: `${RELEASES}/tag/${tag}`, 'content-length': 0 }).end();
    },
  };
}

function tagRoute(tag: string, releases: () => Promise<KnownReleases>): Route {
  return {
    name: 'k3s-releases',
    handle: async (exchange) => {
      const release = (await releases()).releases.find((one) => one.tag === tag);
      if (release === undefined) return sendNotFound(exchange);
      sendText(exchange, `${tag}\n${release.files.map(({ name }) => `${name}\n`).join('')}`);
    },
  };
}
