/** Returns rows with their columns aligned; the columns named in `right` by index end flush, as numbers do. */
export function formatTable(
  rows: readonly (readonly string[])[],
  options: { readonly right?: readonly number[] | undefined; readonly indent?: string | undefined } = {},
): string {
  const { right = [], indent = '' } = options;
  const widths = widthsOf(rows);
  return rows
    .map((row) => {
      const cells = row.map((cell, index) => {
        const width = widths[index] ?? 0;
        return right.includes(index) ? cell.padStart(width) : cell.padEnd(width);
      });
      return `${indent}${cells.join('  ')}`.trimEnd();
    })
    .join('\n');
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  return widths;
}
