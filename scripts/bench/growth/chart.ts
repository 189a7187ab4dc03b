/** One verb: what it took at each number of blobs. */
interface Line {
  readonly name: string;
  /** In the order of the numbers of blobs. */
  readonly values: readonly number[];
}

export interface Chart {
  readonly title: string;
  /** Numbers of blobs, ascending. */
  readonly blobs: readonly number[];
  readonly lines: readonly Line[];
  /** What the values may not exceed. */
  readonly limit?: { readonly value: number; readonly name: string } | undefined;
}

const WIDTH = 640;
const HEIGHT = 320;
const EDGE = { left: 60, right: 150, top: 40, bottom: 40 } as const;
const COLOURS = ['#2563eb', '#059669', '#d97706', '#dc2626', '#7c3aed', '#0891b2'] as const;

/**
 * Returns a picture of the growth. Numbers of blobs are on a logarithmic scale, so that a straight level line is what does not grow;
 * the same values give the same bytes.
 */
export function drawChart({ title, blobs, lines, limit }: Chart): string {
  const top = niceAbove(Math.max(limit?.value ?? 0, ...lines.flatMap(({ values }) => values)));
  const [first = 1, last = first] = [blobs[0], blobs.at(-1)];
  const x = (count: number): number => {
    const share = last === first ? 0 : Math.log(count / first) / Math.log(last / first);
    return EDGE.left + share * (WIDTH - EDGE.left - EDGE.right);
  };
  const y = (value: number): number =>
    HEIGHT - EDGE.bottom - (value / top) * (HEIGHT - EDGE.top - EDGE.bottom);
  const right = WIDTH - EDGE.right;
  const marks = [0, 0.25, 0.5, 0.75, 1].map((share) => share * top);
  const labels = spread(lines.map(({ values }) => y(values.at(-1) ?? 0)));
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(title)}">`,
    '<rect width="100%" height="100%" rx="8" fill="#ffffff"/>',
    '<g font-family="system-ui, sans-serif" font-size="12" fill="#334155">',
    text(EDGE.left, 24, title, 'font-weight="600" font-size="14"'),
    ...marks.flatMap((value) => [
      `<path d="M${EDGE.left} ${at(y(value))}H${right}" stroke="#e2e8f0"/>`,
      text(EDGE.left - 8, y(value) + 4, String(value), 'text-anchor="end"'),
    ]),
    ...blobs.map((count) =>
      text(x(count), HEIGHT - 16, count.toLocaleString('en-US'), 'text-anchor="middle"'),
    ),
    ...(limit === undefined
      ? []
      : [
          `<path d="M${EDGE.left} ${at(y(limit.value))}H${right}" stroke="#94a3b8" stroke-dasharray="6 4"/>`,
          text(EDGE.left + 6, y(limit.value) - 6, limit.name, 'fill="#64748b"'),
        ]),
    ...lines.flatMap(({ name, values }, index) => {
      const colour = COLOURS[index % COLOURS.length] ?? '#000000';
      const points = values.map((value, place) => `${at(x(blobs[place] ?? first))},${at(y(value))}`);
      return [
        `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        text(right + 8, (labels[index] ?? 0) + 4, name, `fill="${colour}"`),
      ];
    }),
    '</g>',
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

/** Moves labels that would lie on each other apart, and returns where they go, in the order given. */
function spread(places: readonly number[]): readonly number[] {
  const moved = [...places];
  let last = Number.NEGATIVE_INFINITY;
  for (const index of places.map((_, each) => each).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0))) {
    last = Math.max(places[index] ?? 0, last + 15);
    moved[index] = last;
  }
  return moved;
}

/** Returns the next of 1, 2, 4 and 8 times a power of ten that is not below a value. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  return ([1, 2, 4, 8, 10].find((factor) => factor * power >= value) ?? 10) * power;
}

function text(x: number, y: number, content: string, style: string): string {
  return `<text x="${at(x)}" y="${at(y)}" ${style}>${escape(content)}</text>`;
}

function at(place: number): string {
  return place.toFixed(1);
}

function escape(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
