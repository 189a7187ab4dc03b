import { join } from 'node:path';
import { powershellInstaller } from '../../kit/hand-on/powershell.ts';
import { shellInstaller } from '../../kit/hand-on/sh.ts';
import { KIT } from '../../kit/names.ts';
import type { FoundKit } from '../../kit/read.ts';
import type { Digest } from '../../oci/digest.ts';
import { addressOf } from '../../page/page.ts';
import type { Exchange, Site } from '../http/exchange.ts';
import { sendText } from '../http/not-found.ts';
import { sendFile } from '../http/send-file.ts';

/** A kit whose files are known. */
export interface WholeKit {
  readonly folder: string;
  readonly record?: FoundKit['record'];
  readonly sums: NonNullable<FoundKit['sums']>;
  readonly digest: Digest;
}

/** Serves the kit beside a bundle: scripts that bring it to another machine, its sums, and the files that these name. */
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
