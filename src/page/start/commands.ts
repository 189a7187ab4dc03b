/** The systems that a kit starts on, as people call them. */
export type StartSystem = 'windows' | 'macos' | 'linux';

export type StartStep = 'verify' | 'preview' | 'install';

/** Returns the commands of the first page for a system, in the order they are to be typed. */
export function commandsFor(
  system: StartSystem,
  file: string,
): readonly { readonly step: StartStep; readonly command: string }[] {
  const start = system === 'windows' ? '.\\bundle.cmd' : 'sh bundle';
  return [
    { step: 'verify', command: `${start} verify ${file}` },
    { step: 'preview', command: `${start} install ${file} --dry-run` },
    { step: 'install', command: `${start} install ${file}` },
  ];
}
