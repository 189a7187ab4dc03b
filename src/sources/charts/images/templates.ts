import { flagsIn, flagTakesImage, namesImage } from '../../../products/kubernetes/image-names.ts';
import { hasTag, imageTextOf, lookalikesIn } from '../../../products/kubernetes/image-text.ts';
import type { NamedImage } from './context.ts';
import type { ChartContext } from './context.ts';

const FILE = /(?:^|\/)(?:templates|crds|files)\/(?!.*NOTES\.txt$)/;
/** `image: name` and similar keys, on a line of their own, in a flow mapping, in JSON; never a name that a template assembles. */
const KEY = /(?<![\w.$-])["']?([A-Za-z_][\w.-]*)["']?[ \t]*:[ \t]*["']?([^\s"'#{},[\]]+)/g;
const VARIABLE = /\bname:[ \t]*["']?(\w+)["']?[ \t]*\r?\n[ \t]*value:[ \t]*["']?([^\s"'#{}]+)/g;
/** A flag as one item of a list, and its value as the next. */
const TWO_ITEMS = /-[ \t]+["']?(--?[\w.-]+)["']?[ \t]*\r?\n[ \t]*-[ \t]+["']?([^\s"'#{}]+)/g;
/** A string literal in a template, such as `{{ .Values.image | default "rancher/kubectl:v1.20.3" }}`. */
const ACTION = /\{\{(?!-?[ \t]*\/\*)[^}]*\}\}/g;
const LITERAL = /"([^"\n]*)"|`([^`]*)`/g;
const COMMENT = /\{\{-?[ \t]*\/\*.*?\*\/[ \t]*-?\}\}|^[ \t]*#.*$/gms;

/** What the text of a chart's templates names, and what in it only looks like an image. */
export interface TemplateFinds {
  readonly images: readonly NamedImage[];
  readonly lookalikes: readonly string[];
}

/** Returns the images written out in the templates, CRDs and files of a chart. */
export function templateImages({ texts }: ChartContext): TemplateFinds {
  const names = new Set<string>();
  const lookalikes = new Set<string>();
  for (const [path, text] of texts) {
    if (!FILE.test(path)) continue;
    const plain = text.replaceAll(COMMENT, '');
    for (const name of imagesOf(plain)) names.add(name);
    for (const line of plain.split('\n')) for (const name of lookalikesIn(line)) lookalikes.add(name);
  }
  return {
    images: [...names].map((text) => ({ text, method: 'template' })),
    lookalikes: [...lookalikes].filter((text) => !names.has(text)),
  };
}

/** A bare name may be anything; a tag or a digest makes it an image. */
function imagesOf(text: string): readonly string[] {
  const named = [
    ...[...text.matchAll(KEY), ...text.matchAll(VARIABLE)].filter(([, key = '']) => namesImage(key)),
    ...[...text.matchAll(TWO_ITEMS)].filter(([, flag = '']) => flagTakesImage(flag)),
  ].map(([, , value = '']) => value);
  const flagged = flagsIn(text).flatMap(([flag, value]) => (flagTakesImage(flag) ? [value] : []));
  const literals = [...text.matchAll(ACTION)].flatMap(([action]) =>
    [...action.matchAll(LITERAL)].flatMap(([, quoted, raw]) => lookalikesIn(quoted ?? raw ?? '')),
  );
  return [...named, ...flagged, ...literals]
    .filter(hasTag)
    .flatMap((value) => imageTextOf(value.replaceAll(/^["']|["']$/g, '')) ?? []);
}
