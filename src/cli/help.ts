import { type CommandPage, formatOption } from './command-page.ts';
import { formatTable } from './display/table.ts';
import type { Style } from './display/style.ts';
import { STATUSES } from './man-page.ts';

/** Every command is in one of them; a test sees to it. @visibleForTesting */
export const GROUPS: readonly (readonly [title: string, names: readonly string[]])[] = [
  ['With internet', ['init', 'build', 'lock', 'kit']],
  [
    'Anywhere',
    ['inspect', 'verify', 'diff', 'check', 'convert', 'parity', 'repair', 'push', 'pull', 'keygen', 'sign'],
  ],
  ['On the offline host', ['install', 'receipts', 'uninstall', 'prune', 'serve', 'config']],
  ['About the program', ['completion', 'help', 'version']],
];

/** Returns the output of `bundle help`, without a trailing newline. */
export function renderOverview(pages: readonly CommandPage[], style: Style): string {
  return [
    'Saddlebag packs software into one checksummed bundle and installs it across an air gap.',
    '',
    `Start with  bundle init > lab.yaml, bundle build lab.yaml -o lab.tar; over there: bundle verify lab.tar, bundle install lab.tar`,
    '',
    ...groupsOf(pages, style),
    style('strong', 'Exit statuses'),
    formatTable(
      STATUSES.map(([status, meaning]) => [String(status), meaning]),
      { indent: '  ' },
    ),
    '',
    '"bundle help COMMAND" has the options of a command, "bundle help spec" every key of a spec, "bundle receipts" what is installed here.',
    'Variables, and the files that are read and written: docs/environment.md of the package.',
  ].join('\n');
}

/** Returns the commands group by group, with names in one column all through. */
function groupsOf(pages: readonly CommandPage[], style: Style): readonly string[] {
  const table = formatTable(
    pages.map((page) => [page.name, page.description]),
    { indent: '  ' },
  ).split('\n');
  return GROUPS.flatMap(([title, names]) => [
    style('strong', title),
    ...names.flatMap((name) => table[pages.findIndex((page) => page.name === name)] ?? []),
    '',
  ]);
}

/** Returns the output of `bundle help COMMAND`, without a trailing newline. */
export function renderPage(page: CommandPage, style: Style): string {
  const sections = [
    page.description,
    '',
    `${style('strong', 'Usage')}  ${page.usage}`,
    '',
    style('strong', 'Options'),
    formatTable(
      page.options.map((option) => [formatOption(option), option.description]),
      { indent: '  ' },
    ),
  ];
  if (page.details !== '') sections.push('', page.details);
  if (page.examples.length > 0) {
    sections.push('', style('strong', 'Examples'));
    for (const [what, line] of page.examples) sections.push(`  # ${what}`, `  ${line}`);
  }
  return sections.join('\n');
}
