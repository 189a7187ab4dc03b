/**
 * Draws `docs/quickstart.svg`, the picture in the README, from the real output of the quickstart. Run: `node
 * scripts/picture.ts`.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const LINE = 19;
const WIDTH = 118;
/** Line colours by prefix; the first match wins. */
const COLOURS: readonly (readonly [RegExp, string])[] = [
  [/^\$ /, '#ffffff'],
  [/^── /, '#7aa2f7'],
  [/^(ok|Verified|Installed|Built)/, '#9ece6a'],
  [/^(warning|hint)/, '#e0af68'],
  [/^root/, '#bb9af7'],
];

const output = execFileSync('bash', ['-c', 'node scripts/quickstart.ts 2>&1'], {
  cwd: ROOT,
  encoding: 'utf8',
});
const story = output.slice(output.indexOf('── One command packs it'), output.indexOf('── Once more')).trim();
const lines = story
  // The temporary folder differs on every run and is nobody's business.
  .replaceAll(/\/\S*saddlebag-quickstart-\w+\/home/g, '~')
  .split('\n')
  .flatMap((line) => wrap(line));
writeFileSync(join(ROOT, 'docs', 'quickstart.svg'), draw(lines));

function wrap(line: string): string[] {
  if (line.length <= WIDTH) return [line];
  const at = line.lastIndexOf(' ', WIDTH);
  const cut = at > 0 ? at : WIDTH;
  return [line.slice(0, cut), ...wrap(`    ${line.slice(cut).trim()}`)];
}

function draw(rows: readonly string[]): string {
  const height = (rows.length + 2) * LINE;
  const width = WIDTH * 8.1 + 40;
  const texts = rows.map((row, index) => {
    const colour = COLOURS.find(([pattern]) => pattern.test(row))?.[1] ?? '#a9b1d6';
    return `<text x="20" y="${(index + 2) * LINE}" fill="${colour}">${escape(row)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="A build, an inspection, a verification and an install in a terminal">`,
    `<rect width="100%" height="100%" rx="8" fill="#1a1b26"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13">`,
    ...texts,
    '</g>',
    '</svg>\n',
  ].join('\n');
}

/** Browsers do not agree on when blanks in an SVG count; those that do not break always do. */
function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(' ', '\u00a0');
}
