/** The files of a kit, relative to the folder it is in: that of the bundle. Each name is one that FAT takes. */
export const KIT = {
  launcher: 'bundle',
  windowsLauncher: 'bundle.cmd',
  page: 'START-HERE.html',
  sums: 'SHA256SUMS',
  /** What the kit was made of. Where it is, there is a kit. */
  record: 'kit/kit.json',
  program: 'kit/program',
  runtimes: 'kit/node',
  licences: 'kit/licences',
} as const;

/** Returns where the runtime with the download site's word, such as `linux-x64`, is. */
export function runtimePath(word: string, program: string): string {
  return `${KIT.runtimes}/${word}/${program}`;
}
