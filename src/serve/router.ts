import { bundleSite } from './downloads/bundle-site.ts';
import { chartSite } from './downloads/chart-site.ts';
import { filesSite } from './downloads/files-site.ts';
import { k3sSite } from './downloads/k3s-site.ts';
import { kitSite, type WholeKit } from './downloads/kit-site.ts';
import { kubectlSite } from './downloads/kubectl-site.ts';
import { rancherDesktopSite } from './downloads/rancher-desktop-site.ts';
import { rancherSite } from './downloads/rancher-site.ts';
import { zipSite } from './downloads/zip-site.ts';
import type { Route, Site } from './http/exchange.ts';
import type { Library } from './holdings/library.ts';
import type { Metrics } from './metrics.ts';
import { sendNotFound, sendText } from './http/not-found.ts';
import { pageRoute } from './page-route.ts';
import { registrySite } from './registry/registry-site.ts';
import { sendBytes } from './http/reply.ts';

const NOWHERE: Route = { name: 'none', handle: async (exchange) => sendNotFound(exchange) };

/** Open to everybody: a health check has no password. */
export const HEALTH: Route = { name: 'health', handle: async (exchange) => sendText(exchange, 'ok\n') };

/** Returns the function that finds the route for a path. A new site is one line here. */
export function createRouter(
  library: Library,
  options: { readonly metrics: Metrics; readonly kit?: WholeKit | undefined },
): (parts: readonly string[]) => Route {
  const { kit } = options;
  const shown = kit && { digest: kit.digest, platforms: kit.record?.platforms ?? [] };
  const page = pageRoute(library, shown);
  const sites: readonly Site[] = [
    registrySite(library),
    k3sSite(library),
    kubectlSite(library),
    filesSite(library),
    zipSite(library),
    chartSite(library),
    rancherSite(library),
    rancherDesktopSite(library),
    bundleSite(library),
    kitSite(kit),
    (parts) => (parts.length === 1 && parts[0] === 'metrics' ? metricsRoute(options.metrics) : undefined),
    (parts) => (parts.length === 0 ? page : undefined),
  ];
  return (parts) => {
    for (const site of sites) {
      const found = site(parts);
      if (found !== undefined) return found;
    }
    return NOWHERE;
  };
}

function metricsRoute(metrics: Metrics): Route {
  return {
    name: 'metrics',
    handle: async (exchange) => {
      const { type, text } = await metrics.page();
      sendBytes(exchange, 200, { type, bytes: text });
    },
  };
}
