import { isRecord } from '../../../internal/json.ts';
import { textOf, textValues } from '../../../internal/yaml/text.ts';
import type { ChartContext } from './context.ts';

/** The values that one chart is rendered with. */
export interface ChartValues {
  /** Path of its values file. */
  readonly path: string;
  readonly values: unknown;
}

type Values = Readonly<Record<string, unknown>>;

/**
 * Returns the values of a chart and of each subchart, merged as Helm does (`pkg/chart/common/util/coalesce.go`): the parent's
 * win over the child's, under the alias of a dependency or else its name, mapping by mapping; `null` removes a key, and
 * `global` reaches every level below. A subchart with two aliases comes twice. A values file that belongs to no chart comes
 * unmerged.
 */
export function chartValues(context: ChartContext): readonly ChartValues[] {
  const { texts, values = {}, onUnread } = context;
  const read = new Map<string, Values>();
  const found: ChartValues[] = [];
  for (const [path, text] of texts) {
    if (!/(?:^|\/)values\.ya?ml$/.test(path)) continue;
    const folder = path.replace(/[^/]*$/, '');
    const value = textValues(text);
    if (value === undefined) onUnread(path);
    else if (!texts.has(`${folder}Chart.yaml`)) found.push({ path, values: value });
    else if (isRecord(value)) read.set(folder, value);
  }
  return [...found, ...mergedBelow('', values, { texts, read })];
}

interface Charts {
  readonly texts: ReadonlyMap<string, string>;
  /** The values of each chart by its folder, which is empty for the chart itself. */
  readonly read: ReadonlyMap<string, Values>;
}

function mergedBelow(folder: string, over: Values, charts: Charts): readonly ChartValues[] {
  const values = mergeValues(charts.read.get(folder) ?? {}, over);
  const aliases = aliasesOf(folder, charts.texts);
  const subcharts = subchartsOf(folder, charts.texts).flatMap(({ folder: child, name }) =>
    (aliases.get(name) ?? [name]).map((alias) => ({ child, alias })),
  );
  const below = subcharts.flatMap(({ child, alias }) => {
    const own = recordOf(values[alias]);
    const global = mergeValues(recordOf(own['global']), recordOf(values['global']));
    return mergedBelow(child, { ...own, global }, charts);
  });
  // Without the rest, part of a subchart's values means nothing.
  const blocks = new Set(subcharts.map(({ alias }) => alias));
  const ownValues = Object.fromEntries(Object.entries(values).filter(([key]) => !blocks.has(key)));
  return [{ path: `${folder}values.yaml`, values: ownValues }, ...below];
}

function subchartsOf(
  folder: string,
  texts: Charts['texts'],
): readonly { readonly folder: string; readonly name: string }[] {
  return [...texts].flatMap(([path, text]) => {
    const [, child] = path.startsWith(`${folder}charts/`)
      ? (/^([^/]+\/)Chart\.yaml$/.exec(path.slice(`${folder}charts/`.length)) ?? [])
      : [];
    if (child === undefined) return [];
    const chart = textValues(text);
    const name = isRecord(chart) ? textOf(chart['name']) : undefined;
    return name === undefined ? [] : [{ folder: `${folder}charts/${child}`, name }];
  });
}

/** Name of a dependency → the names its values are under; Helm 2 listed dependencies in a separate file. */
function aliasesOf(folder: string, texts: Charts['texts']): ReadonlyMap<string, readonly string[]> {
  const aliases = new Map<string, readonly string[]>();
  for (const file of ['Chart.yaml', 'requirements.yaml']) {
    const value = textValues(texts.get(`${folder}${file}`) ?? '');
    const list: unknown = isRecord(value) ? value['dependencies'] : undefined;
    for (const one of Array.isArray(list) ? list : []) {
      const name = isRecord(one) ? textOf(one['name']) : undefined;
      const alias = isRecord(one) ? textOf(one['alias']) : undefined;
      if (name !== undefined) aliases.set(name, [...new Set([...(aliases.get(name) ?? []), alias ?? name])]);
    }
  }
  return aliases;
}

/** Mappings are merged, everything else is replaced. */
export function mergeValues(below: Values, above: Values): Values {
  const merged: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const old = merged[key];
    if (isNull(value)) delete merged[key];
    else merged[key] = isRecord(value) && isRecord(old) ? mergeValues(old, value) : value;
  }
  return merged;
}

function recordOf(value: unknown): Values {
  return isRecord(value) ? value : {};
}

/** Scalars stay the strings that were written. */
function isNull(value: unknown): boolean {
  return value === null || (typeof value === 'string' && ['', '~', 'null', 'Null', 'NULL'].includes(value));
}
