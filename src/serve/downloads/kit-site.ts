import { join } from 'node:path';
import { kitArchive, powershellInstaller, shellInstaller } from '../../kit/hand-on/hand-on.ts';
import { KIT } from '../../kit/names.ts';
import type { FoundKit } from '../../kit/read.ts';
import type { Digest } from '../../oci/digest.ts';
import { addressOf } from '../../page/page.ts';
import type { Exchange, Route, Site } from '../http/exchange.ts';
import { sendNotFound, sendText } from '../http/not-found.ts';
import { sendFile } from '../http/send-file.ts';
import { sendStream } from '../http/send-stream.ts';

/** A kit whose files are known. */
export interface WholeKit {
  readonly folder: string;
  readonly record?: FoundKit['record'];
  readonly sums: NonNullable<FoundKit['sums']>;
  readonly digest: Digest;
}

/**
 * Serves the kit beside a bundle: scripts that bring it to another machine, one archive for each kind of machine, its sums, and
 * the files that these name.
 */
export function kitSite(kit: WholeKit | undefined): Site {
  if (kit === undefined) return () => undefined;
  const { folder, sums, digest } = kit;
  const script = (text: (from: { readonly origin: string; readonly digest: string }) => string) => ({
    name: 'kit',
    handle: async (exchange: Exchange) =>
      sendText(exchange, text({ origin: addressOf(exchange.origin).origin, digest })),
  });
  return ([first, second = '', ...rest]) => {
    if (first !== 'kit') return undefined;
    if (rest.length === 0 && second === 'install.sh') return script(shellInstaller);
    if (rest.length === 0 && second === 'install.ps1') return script(powershellInstaller);
    if (rest.length === 1 && second === 'archive') return archiveRoute(kit, rest[0] ?? '');
    const path = second === 'files' ? rest.join('/') : '';
    const isSums = second === KIT.sums && rest.length === 0;
    if (!isSums && !sums.has(path)) return undefined;
    const file = isSums ? KIT.sums : path;
    const name = file.slice(file.lastIndexOf('/') + 1);
    return {
      name: 'kit',
      handle: async (exchange) => await sendFile(exchange, join(folder, file), { name }),
    };
  };
}

function archiveRoute(kit: WholeKit, name: string): Route | undefined {
  const [, runtime] = /^([a-z]+-[a-z0-9]+)\.tar$/.exec(name) ?? [];
  if (runtime === undefined) return undefined;
  return {
    name: 'kit',
    handle: async (exchange) => {
      const archive = await kitArchive(kit, runtime);
      if (archive === undefined) return sendNotFound(exchange);
      await sendStream(exchange, archive, { name, type: 'application/x-tar' });
    },
  };
}
