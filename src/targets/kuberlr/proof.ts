import { join } from 'node:path';
import type { Bundle } from '../../bundle/bundle.ts';
import type { Finding } from '../../internal/finding.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { ReleaseTag } from '../../products/distribution/tag.ts';
import { parseDesktopTag } from '../../products/rancher-desktop/offer.ts';
import { chosenClient, clientFolder, clientName, parseClientName } from '../../products/kubectl/kuberlr.ts';
import { clientPlatforms } from './client-items.ts';
import { type KuberlrClient, type KuberlrOptions } from './clients.ts';
import { namesIn } from '../../disk/names.ts';
import { type FilePlace, planFile } from '../placed-files.ts';

/** Reports which client kuberlr will run for each K3s release in the bundle, and whether each client is intact. */
export async function proveKuberlr(
  bundle: Bundle,
  clients: readonly KuberlrClient[],
  options: WaitOptions & KuberlrOptions & { readonly at: FilePlace },
): Promise<readonly Finding[]> {
  const { folder: root, platform } = options;
  const servers = bundle.document.items
    .filter((item) => item.kind === 'k3s')
    .map((item) => parseDesktopTag(item.name))
    .filter((tag) => tag !== undefined);
  const findings = [...(await proveClients(clients, options))];
  for (const [index, name] of clientPlatforms(platform).entries()) {
    const folder = clientFolder(name);
    if (!clients.some((client) => client.folder === folder)) continue;
    const isMain = index === 0;
    findings.push(...(await proveFolder(join(root, folder), folder, { servers, os: platform.os, isMain })));
  }
  return [...findings, ...otherPlace(options)];
}

/** Who starts kuberlr decides what its home is. */
function otherPlace({ folder, other }: KuberlrOptions): readonly Finding[] {
  if (other === undefined) return [];
  return [
    {
      level: 'warning',
      message: `kuberlr looks in ${other}, and not in ${folder}, when it is started without HOME, as Rancher Desktop and cmd start it`,
      hint: `Put the clients there as well: --kuberlr=${other}`,
    },
  ];
}

async function proveClients(
  clients: readonly KuberlrClient[],
  options: WaitOptions & { readonly at: FilePlace },
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const client of clients) {
    const { state } = await planFile(client, options.at, options);
    if (state !== 'present')
      findings.push({
        level: 'error',
        message: `${client.path} is ${state === 'missing' ? 'missing' : 'damaged'}`,
      });
  }
  return findings;
}

/** Replays kuberlr's choice among the files in one of its folders. */
async function proveFolder(
  path: string,
  folder: string,
  options: { readonly servers: readonly ReleaseTag[]; readonly os: string; readonly isMain: boolean },
): Promise<readonly Finding[]> {
  const names = await namesIn(path);
  // Only folders used by other releases of Rancher Desktop need to be named.
  const where = options.isMain ? '' : ` (${folder})`;
  const choices = options.servers.map((server): Finding => {
    const client = chosenClient(names, server, options.os);
    if (client !== undefined)
      return { level: 'ok', message: `kuberlr will use ${client.name} for K3s ${server.tag}${where}` };
    return {
      level: 'warning',
      message: `kuberlr has no client for K3s ${server.tag}${where} and would try to download one`,
      hint: `Add kubectl ${server.kubernetes} for ${folder.replace('-', '/')} to the spec, if it was published.`,
    };
  });
  return [...strayFiles(names, path, options.os), ...choices];
}

/** kuberlr takes a checksum or a partial download in the folder for a client, and may run it. */
function strayFiles(names: readonly string[], folder: string, os: string): readonly Finding[] {
  return names
    .filter((name) => {
      const client = parseClientName(name, os);
      return (
        client !== undefined && name !== clientName(client.version.version, os) && !isShortName(name, os)
      );
    })
    .map((name) => ({
      level: 'warning',
      message: `kuberlr takes ${join(folder, name)} for a client and may run it`,
      hint: 'Remove it.',
    }));
}

/** kuberlr accepts names like `kubectl1.22` on purpose. */
function isShortName(name: string, os: string): boolean {
  return (os === 'windows' ? /^kubectl\d+\.\d+\.exe$/ : /^kubectl\d+\.\d+$/).test(name);
}
