import { type Client, isPlainPath, type Scene, type Step } from './client.ts';

/** Returns how to bring the program from here to another machine of the site. */
export function program({ overview: { kit }, address: { origin }, hasPassword }: Scene): Client | undefined {
  if (kit === undefined) return undefined;
  const has = (os: string): boolean => kit.platforms.some((platform) => platform.startsWith(`${os}/`));
  const user = hasPassword ? '-u USER ' : '';
  const steps: readonly (Step | false)[] = [
    (has('linux') || has('darwin')) && {
      text: 'On Linux and macOS, into the folder of the user who types it:',
      command: `curl -fsS ${user}${origin}/kit/install.sh | sh`,
    },
    has('windows') && {
      text: 'On Windows, in PowerShell:',
      command: `irm ${origin}/kit/install.ps1 | iex`,
    },
    {
      text: 'Both check what they fetch against these sums; compare the digest with the one in the script before you run it:',
      command: kit.digest,
    },
    hasPassword && {
      text: 'The scripts fetch with the password of this server from ~/.netrc.',
    },
  ];
  return {
    id: 'program',
    title: 'This program, on another machine',
    steps: steps.filter((step) => step !== false),
  };
}

/** Returns how to fetch the bundle itself. */
export function bundleFile({
  overview: { holdings },
  address: { origin },
  hasPassword,
}: Scene): Client | undefined {
  const paths = holdings.flatMap(({ downloads = [] }) => downloads).filter(isPlainPath);
  if (paths.length === 0) return undefined;
  const curl = hasPassword ? 'curl -fS -u USER' : 'curl -fS';
  return {
    id: 'bundle-file',
    title: 'The bundle itself',
    steps: [
      {
        text: 'A download that was cut short goes on when the same line is run again:',
        command: paths.map((path) => `${curl} -C - -O ${origin}${path}`).join('\n'),
      },
    ],
  };
}
