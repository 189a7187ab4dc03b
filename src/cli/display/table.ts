/** Returns rows with aligned columns; columns whose index is in `right` are right-aligned, as numbers are. */
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
