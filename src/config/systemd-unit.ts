import type { ConfigFile } from './site.ts';

/** How to run `bundle serve` as a service. */
export interface ServiceOptions {
  /** Path of the bundle, or `oci://` and its place in a registry. */
  readonly bundle: string;
  /** Path of the program. */
  readonly program: string;
  /** `HOST:PORT` */
  readonly listen?: string | undefined;
  /** Paths of PEM files. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly htpasswd?: string | undefined;
  /** Path of the public key that the bundle must be signed with. */
  readonly key?: string | undefined;
  /** Path of the file with credentials and certificates of registries. */
  readonly registriesFile?: string | undefined;
}

/** Files passed to a user that exists only while the service runs (systemd.exec, `LoadCredential=`). */
interface Credential {
  readonly option: string;
  readonly name: string;
  readonly path: string;
}

/**
 * Returns a systemd unit for `bundle serve` that may read one bundle and answer the network, and nothing else. Every path
 * must be absolute.
 */
export function systemdUnit(options: ServiceOptions): ConfigFile {
  const { bundle, program, listen } = options;
  const credentials = credentialsOf(options);
  const command = [
    unitWord(program),
    'serve',
    unitWord(bundle),
    ...(listen === undefined ? [] : ['--listen', unitWord(listen)]),
    ...credentials.flatMap(({ option, name }) => [option, `%d/${name}`]),
  ];
  const text = sectionsOf({
    Unit: [
      'Description=Saddlebag: images and downloads out of a bundle',
      'After=network-online.target',
      'Wants=network-online.target',
      // A bundle on a stick is available once the stick is mounted.
      ...(isOnDisk(bundle) ? [`RequiresMountsFor=${pathWord(bundle)}`] : []),
    ],
    Service: [
      'Type=exec',
      `ExecStart=${command.join(' ')}`,
      'Restart=on-failure',
      'RestartSec=5',
      ...credentials.map(({ name, path }) => `LoadCredential=${name}:${percents(path)}`),
      ...hardening(bundle, listen),
    ],
    Install: ['WantedBy=multi-user.target'],
  });
  return { path: 'saddlebag.service', text };
}

function isOnDisk(bundle: string): boolean {
  return bundle.startsWith('/');
}

function credentialsOf({ tls, htpasswd, key, registriesFile }: ServiceOptions): readonly Credential[] {
  return [
    ...(tls === undefined
      ? []
      : [
          { option: '--tls-cert', name: 'tls.crt', path: tls.cert },
          { option: '--tls-key', name: 'tls.key', path: tls.key },
        ]),
    ...(htpasswd === undefined ? [] : [{ option: '--htpasswd', name: 'htpasswd', path: htpasswd }]),
    // This user cannot see a key that is trusted in someone's home.
    ...(key === undefined ? [] : [{ option: '--key', name: 'trusted.pem', path: key }]),
    ...(registriesFile === undefined
      ? []
      : [{ option: '--registries', name: 'registries.yaml', path: registriesFile }]),
  ];
}

/** `MemoryDenyWriteExecute` is left out: the JavaScript engine compiles at run time. */
function hardening(bundle: string, listen: string | undefined): readonly string[] {
  return [
    'DynamicUser=yes',
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    ...homeProtection(bundle),
    'PrivateTmp=yes',
    'PrivateDevices=yes',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    'ProtectKernelLogs=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelTunables=yes',
    'ProtectControlGroups=yes',
    'ProtectProc=invisible',
    'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX',
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'LockPersonality=yes',
    'RemoveIPC=yes',
    'SystemCallArchitectures=native',
    'SystemCallFilter=@system-service',
    'SystemCallErrorNumber=EPERM',
    'UMask=0077',
    ...portCapability(listen),
  ];
}

/** Homes and the temporary folders of others are hidden, but for a bundle that is there; all volumes are in one folder. */
function homeProtection(bundle: string): readonly string[] {
  const isInHome = /^\/(?:home|root|run\/user)\//.test(bundle);
  const protection = `ProtectHome=${isInHome ? 'tmpfs' : 'yes'}`;
  if (!isInHome && !/^\/(?:var\/)?tmp\//.test(bundle)) return [protection];
  const shown = bundle.replace(/\/[^/]*\.\d{3,}$/, '');
  return [protection, `BindReadOnlyPaths=${pathWord(shown.replaceAll(':', String.raw`\:`))}`];
}

/** Binding a port below 1024 takes a capability. */
function portCapability(listen: string | undefined): readonly string[] {
  const port = Number(/:(\d+)$/.exec(listen ?? '')?.[1] ?? 1024);
  const capability = port < 1024 ? 'CAP_NET_BIND_SERVICE' : '';
  return [`CapabilityBoundingSet=${capability}`, `AmbientCapabilities=${capability}`];
}

function sectionsOf(sections: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(sections)
    .map(([name, lines]) => `[${name}]\n${lines.join('\n')}\n`)
    .join('\n');
}

/** Quotes one word of a command line (systemd.service, "Command lines"), where variables are expanded as well. */
function unitWord(text: string): string {
  return pathWord(text.replaceAll('$', '$$$$'));
}

/** Quotes one of several paths (systemd.syntax, "Quoting"): `%` begins a specifier, and escapes follow C. */
function pathWord(text: string): string {
  const escaped = percents(text);
  return /^[\w@%+=:,./$-]+$/.test(escaped) ? escaped : JSON.stringify(escaped);
}

function percents(text: string): string {
  return text.replaceAll('%', '%%');
}
