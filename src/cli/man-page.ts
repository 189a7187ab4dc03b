import { type CommandPage, formatOption } from './command-page.ts';

/** Returns the manual page `bundle(1)` in the language of `man` (man(7)). It carries no date. */
export function manPage(pages: readonly CommandPage[], version: string): string {
  return [
    `.TH BUNDLE 1 "" "Saddlebag ${escaped(version)}" "Saddlebag"`,
    '.SH NAME',
    String.raw`bundle \- carry software across an air gap in one checksummed bundle`,
    '.SH SYNOPSIS',
    ...pages.flatMap(({ usage }) => [`.B ${escaped(usage)}`, '.br']).slice(0, -1),
    '.SH DESCRIPTION',
    escaped(
      'On a host with internet, Saddlebag packs container images, K3s, kubectl, charts and files into one bundle. On the host without, it verifies the bundle and puts everything where it belongs.',
    ),
    '.PP',
    escaped('Results go to stdout; progress, warnings and errors to stderr.'),
    '.SH COMMANDS',
    ...pages.flatMap(sectionOf),
    '.SH EXIT STATUS',
    ...STATUSES.flatMap(([status, meaning]) => ['.TP', `.B ${status}`, escaped(meaning)]),
    '',
  ].join('\n');
}

/** As listed in `docs/errors.md`; a test compares the two. */
export const STATUSES: readonly (readonly [status: number, meaning: string])[] = [
  [0, 'done'],
  [1, 'a bug in Saddlebag'],
  [2, 'the command line, the spec or a file it names'],
  [3, 'verification failed: some bytes are not what they should be'],
  [4, 'network or registry'],
  [5, 'not found, upstream or in the bundle; or upstream is not what the lock says'],
  [6, 'disk or medium'],
  [7, 'the target refused, or does not work afterwards'],
  [130, 'interrupted (Ctrl-C, SIGTERM)'],
];

function sectionOf({ usage, description, details, options, examples }: CommandPage): readonly string[] {
  return [
    `.SS "${escaped(usage)}"`,
    escaped(`${description.charAt(0).toUpperCase()}${description.slice(1)}.`),
    ...details
      .split('\n\n')
      .filter((paragraph) => paragraph !== '')
      .flatMap((paragraph) => ['.PP', escaped(paragraph.replaceAll('\n', ' '))]),
    ...options.flatMap((option) => [
      '.TP',
      `.B ${escaped(formatOption(option))}`,
      escaped(option.description),
    ]),
    ...examples.flatMap(([what, line]) => [
      '.PP',
      `${escaped(what)}:`,
      '.RS',
      '.nf',
      escaped(line),
      '.fi',
      '.RE',
    ]),
  ];
}

/** A backslash starts an escape, a dot or quote in the first column starts a request, and a plain dash would become a hyphen. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', String.raw`\e`)
    .replaceAll('-', String.raw`\-`)
    .replaceAll('"', String.raw`\(dq`)
    .replace(/^(?=[.'])/, String.raw`\&`);
}
