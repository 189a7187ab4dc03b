import type { Usage } from 'clipanion';
import { SaddlebagError } from '../../internal/error.ts';
import { formatCount } from '../../internal/format.ts';
import type { RegistriesReport } from '../../verbs/check-registries.ts';
import type { ConfigKind, ConfigResult, ConfigWish } from '../../verbs/config.ts';
import { NAMINGS } from '../../oci/naming.ts';
import { BaseCommand } from '../base-command.ts';
import { renderFinding } from '../display/finding.ts';
import { printable } from '../display/printable.ts';
import type { Status } from '../display/status/status.ts';
import type { Style } from '../display/style.ts';
import { parseListen } from '../options/listen.ts';
import { choiceOption, flagOption, listOption, optionalArgument, valueOption } from '../options/declare.ts';
import { parseChoice } from '../../internal/parse-choice.ts';
import type { Outcome } from '../outcome.ts';

const KINDS: readonly ConfigKind[] = [
  'registries.yaml',
  'hosts.toml',
  'daemon.json',
  'rancher-docker',
  'rke',
  'helm-values',
  'icsp',
  'idms',
  'itms',
  'install-config',
  'pull-secret',
  'signature-configmap',
  'openshift-ca',
  'samples',
  'catalog-source',
  'systemd',
];

/** `bundle config KIND` */
export class ConfigCommand extends BaseCommand {
  static override paths: string[][] = [['config']];
  static override usage: Usage = {
    description: 'print what nodes need to pull from the registry, or check what they have',
    details: `
      KIND is one of: ${KINDS.join(', ')}.

      The registry is the one that --registry names, or the one that --bundle was last installed to from here. No password is
      printed: \${REGISTRY_PASSWORD} stands where it belongs. With --check, a registries.yaml is read as K3s reads it, and
      everything that K3s would silently ignore is listed with its line; the exit status is then 2.
    `,
    examples: [
      ['What K3s needs on every node', '$0 config registries.yaml --registry harbor.lab --username robot'],
      ['The same for containerd, written to a folder', '$0 config hosts.toml --bundle lab.tar -o certs.d'],
      [
        'Run Rancher in one container',
        '$0 config rancher-docker --registry harbor.lab:8443 --ca-file /opt/certs/ca.crt --rancher-version v2.9.2',
      ],
      ['What an OpenShift installer needs', '$0 config install-config --bundle ocp.tar --ca-file ca.crt'],
      [
        'Add the registry to the pull secret of Red Hat',
        '$0 config pull-secret --merge pull-secret.txt --registry registry.lab:5000 -o secrets',
      ],
      ['Serve a bundle as a service', '$0 config systemd --bundle /srv/lab.tar --listen 0.0.0.0:5000'],
      ['Find out what K3s ignores', '$0 config --check /etc/rancher/k3s/registries.yaml'],
    ],
  };

  kind: string | undefined = optionalArgument('KIND', KINDS);
  registry: string | undefined = valueOption(
    '--registry',
    'HOST[:PORT][/PREFIX]',
    'where nodes pull from; where --bundle was last installed when left out',
  );
  naming: string | undefined = choiceOption(
    '--naming',
    NAMINGS,
    'how images are named at the registry; what the install used when left out',
  );
  bundle: string | undefined = valueOption(
    '--bundle',
    'BUNDLE',
    'the bundle, or the receipt of its install: its images tell which registries need mirrors',
  );
  registries: string | undefined = valueOption(
    '--registries',
    'FILE',
    'for a --bundle at oci://: a registries.yaml with mirrors, certificates and credentials of registries',
  );
  source: string[] | undefined = listOption(
    '--source',
    'HOST',
    'a registry to mirror, instead of those of the bundle; may be repeated',
  );
  username: string | undefined = valueOption('--username', 'NAME', 'the user name at the registry');
  caFile: string | undefined = valueOption(
    '--ca-file',
    'PATH',
    'path on the nodes of the CA certificate that signed the registry’s; for OpenShift a local file with it',
  );
  merge: string | undefined = valueOption(
    '--merge',
    'FILE',
    'for pull-secret: a pull secret to add the registry’s credentials to; the file itself is not changed',
  );
  plainHttp: boolean = flagOption('--plain-http', 'the registry speaks HTTP without TLS');
  rancherVersion: string | undefined = valueOption(
    '--rancher-version',
    'VERSION',
    'tag of Rancher’s image; the bundle’s when left out',
  );
  certManagerVersion: string | undefined = valueOption(
    '--cert-manager-version',
    'VERSION',
    'version of cert-manager; the bundle’s when left out',
  );
  hostname: string | undefined = valueOption('--hostname', 'NAME', 'the host name of Rancher');
  listen: string | undefined = valueOption('--listen', 'HOST:PORT', 'for systemd: the address to listen on');
  tlsCert: string | undefined = valueOption(
    '--tls-cert',
    'PEM',
    'for systemd: the certificate to serve with',
  );
  tlsKey: string | undefined = valueOption('--tls-key', 'PEM', 'for systemd: its private key');
  htpasswd: string | undefined = valueOption('--htpasswd', 'FILE', 'for systemd: the users who may pull');
  key: string | undefined = valueOption(
    '--key',
    'PEM',
    'for systemd: the key that must have signed the bundle',
  );
  program: string | undefined = valueOption(
    '--program',
    'PATH',
    'for systemd: the path of bundle; /usr/local/bin/bundle when left out',
  );
  output: string | undefined = valueOption(
    '-o,--output',
    'DIR',
    'write the files there, each under its own name',
  );
  check: string | undefined = valueOption(
    '--check',
    'FILE',
    'check a registries.yaml instead of printing one',
  );

  protected override async perform(status: Status): Promise<Outcome<ConfigResult | RegistriesReport>> {
    const kind = this.kind === undefined ? undefined : parseChoice('KIND', this.kind, KINDS);
    if (this.check !== undefined) return await this.#check(kind ?? 'registries.yaml', this.check, status);
    if (kind === undefined) throw noKind();
    const { surroundings, verbs } = this.context;
    const { writeConfig } = await verbs.config();
    const result = await writeConfig(this.#wish(kind), surroundings, this.ears(status));
    for (const finding of result.findings) status.finding(finding);
    return { json: result, text: (style) => renderConfigFiles(result, style) };
  }

  async #check(
    kind: ConfigKind,
    path: string,
    status: Status,
  ): Promise<Outcome<ConfigResult | RegistriesReport>> {
    if (kind !== 'registries.yaml')
      throw new SaddlebagError(
        'ERR_USAGE_INVALID',
        `Cannot check a "${kind}": only a registries.yaml can be checked`,
      );
    const { surroundings, verbs } = this.context;
    const { checkRegistriesFile } = await verbs.checkRegistries();
    const report = await checkRegistriesFile({ path }, surroundings, this.ears(status));
    const count = report.findings.filter(({ level }) => level === 'error').length;
    return {
      json: report,
      text: (style) => renderRegistriesReport(report, style),
      failure: report.ok ? undefined : ignored(path, count),
    };
  }

  #wish(kind: ConfigKind): ConfigWish {
    const { registry, naming, bundle, username, caFile, hostname, listen, tlsCert, tlsKey } = this;
    if (listen !== undefined) parseListen('--listen', listen);
    return {
      kind,
      registry,
      naming: naming === undefined ? undefined : parseChoice('--naming', naming, NAMINGS),
      bundle,
      registriesFile: this.registries,
      sources: this.source,
      username,
      caFile,
      // A registry on this host speaks plain HTTP by default.
      plainHttp: this.plainHttp ? true : undefined,
      rancherVersion: this.rancherVersion,
      certManagerVersion: this.certManagerVersion,
      hostname,
      listen,
      tlsCert,
      tlsKey,
      htpasswd: this.htpasswd,
      key: this.key,
      program: this.program,
      merge: this.merge,
      output: this.output,
    };
  }
}

/** `--check` needs no KIND, so the library must not require one. */
function noKind(): SaddlebagError {
  return new SaddlebagError('ERR_USAGE_INVALID', 'Cannot run "bundle config": KIND is missing', {
    hint: `Name one of: ${KINDS.join(', ')}.`,
  });
}

function ignored(path: string, count: number): SaddlebagError {
  return new SaddlebagError(
    'ERR_REGISTRIES_INVALID',
    `Cannot rely on ${JSON.stringify(path)}: K3s would ignore or refuse some of it (${formatCount(count, 'problem')})`,
    { hint: 'Compare it with what "bundle config registries.yaml" prints.' },
  );
}

/**
 * Returns the files as text, without the last newline, because a single one is piped to where it belongs. Several are
 * separated by an empty line, and each names itself in its first comment. For written files, returns their paths.
 */
function renderConfigFiles({ files, written }: ConfigResult, style: Style): string {
  if (written !== undefined)
    return written.map((path) => `${style('good', 'Wrote')} ${printable(path)}`).join('\n');
  return files.map(({ text }) => text.replace(/\n$/, '')).join('\n\n');
}

/** Returns how K3s reads a `registries.yaml`, a line per finding; each message ends with its position. */
function renderRegistriesReport({ path, ok, findings }: RegistriesReport, style: Style): string {
  const verdict = ok
    ? `${style('good', 'K3s reads')} ${printable(path)}`
    : `${style('error', 'K3s would not do')} what ${printable(path)} says`;
  return [verdict, ...findings.map((finding) => renderFinding(finding, style))].join('\n');
}
