import { type CommandPage, formatOption } from './command-page.ts';
import { formatTable } from './display/table.ts';
import type { Style } from './display/style.ts';

/** Returns the output of `bundle help`, without a trailing newline. */
export function renderOverview(pages: readonly CommandPage[], style: Style): string {
  return [
    'Saddlebag packs software into one checksummed bundle and installs it across an air gap.',
    '',
    style('strong', 'Commands'),
    formatTable(
      pages.map((page) => [page.name, page.description]),
      { indent: '  ' },
    ),
    '',
    'Run "bundle help COMMAND" for more about one of them, and "bundle help spec" for what a spec says.',
  ].join('\n');
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
