import type { Usage } from 'clipanion';
import { formatBytes, formatCount, formatDuration } from '../../internal/format.ts';
import type { ServeResult, ServeWish, Serving } from '../../verbs/serve.ts';
import { BaseCommand } from '../base-command.ts';
import type { Status } from '../display/status/status.ts';
import { CA_FILE_OPTION } from '../options/ca-file.ts';
import { KEY_OPTION, KEYS_NEEDED_OPTION, trustOf } from '../options/key.ts';
import { parseListen } from '../options/listen.ts';
import { REGISTRIES_OPTION } from '../options/registries.ts';
import { choiceOption, listOption, restArguments, valueOption } from '../options/declare.ts';
import { parseChoice } from '../../internal/parse-choice.ts';
import type { Outcome } from '../outcome.ts';

const LOGS = ['text', 'json'] as const;

/** `bundle serve BUNDLE...` */
export class ServeCommand extends BaseCommand {
  static override paths: string[][] = [['serve']];
  static override usage: Usage = {
    description: 'answer pulls and downloads from bundles, read in place',
    details: `
      To clients it is a read-only registry, a mirror of every registry that the images came from, and the download
      sites of K3s and kubectl. Several bundles are served as one. A folder that install filled with --registry embedded:DIR
      is served as well, and so is any OCI image layout. A bundle at oci://REF is read from its registry as clients ask for it, and
      nothing of it is kept here.

      Every blob is verified when it is first read; damaged content is never sent as good. The log goes to
      stderr; SIGTERM or Ctrl-C shuts the server down gracefully. /healthz and /metrics are for monitoring.
    `,
    examples: [
      ['Serve a bundle to this host', '$0 serve lab.tar'],
      ['Serve one that is in a registry', '$0 serve oci://harbor.lab/bundles/lab:2026-11'],
      [
        'Serve two bundles to the network, with passwords and TLS',
        '$0 serve lab.tar more.tar --listen 0.0.0.0:5000 --htpasswd users --tls-cert server.crt --tls-key server.key',
      ],
    ],
  };

  bundles: string[] = restArguments('BUNDLE', 1);
  listen: string | undefined = valueOption(
    '--listen',
    'HOST:PORT',
    'the address to listen on; 127.0.0.1:5000 when left out, which only this host reaches',
  );
  tlsCert: string | undefined = valueOption('--tls-cert', 'PEM', 'serve HTTPS with this certificate');
  tlsKey: string | undefined = valueOption('--tls-key', 'PEM', 'the private key of the certificate');
  htpasswd: string | undefined = valueOption(
    '--htpasswd',
    'FILE',
    'let in only the users in this htpasswd file, whose hashes must be bcrypt',
  );
  log: string | undefined = choiceOption('--log', LOGS, 'how log lines are written; text when left out');
  key: string[] | undefined = listOption(...KEY_OPTION);
  keysNeeded: string | undefined = valueOption(...KEYS_NEEDED_OPTION);
  registries: string | undefined = valueOption(...REGISTRIES_OPTION);
  caFile: string | undefined = valueOption(...CA_FILE_OPTION);

  protected override async perform(status: Status): Promise<Outcome<ServeResult>> {
    const { key, keysNeeded } = trustOf(this);
    const { surroundings, verbs } = this.context;
    const { signal, onFinding, onNetwork } = this.ears(status);
    const { serveBundles } = await verbs.serve();
    const wish: ServeWish = {
      paths: this.bundles,
      listen: this.listen === undefined ? undefined : parseListen('--listen', this.listen),
      tlsCert: this.tlsCert,
      tlsKey: this.tlsKey,
      htpasswd: this.htpasswd,
      log: this.log === undefined ? undefined : parseChoice('--log', this.log, LOGS),
      key,
      keysNeeded,
      registriesFile: this.registries,
      caFile: this.caFile,
    };
    const result = await serveBundles(wish, surroundings, {
      signal,
      onFinding,
      onNetwork,
      onListening: (serving) => status.note(renderServing(serving), { isNeeded: true }),
      onLog: (line) => status.note(line),
    });
    return { json: result, text: () => renderServe(result) };
  }
}

/** Returns one line that says what is being served and where. */
function renderServing({ url, bundles, items }: Serving): string {
  return `Serving ${formatCount(items, 'item')} of ${formatCount(bundles, 'bundle')} at ${url}`;
}

/** Returns one line that says what was served. */
function renderServe({ requests, bytes, seconds }: ServeResult): string {
  const counts = `${formatCount(requests, 'request')}, ${formatBytes(bytes)}`;
  return `Served ${counts} in ${formatDuration(seconds)}`;
}
