import type { Usage } from 'clipanion';
import { SaddlebagError } from '../../internal/error.ts';
import { formatCount } from '../../internal/format.ts';
import { parseChoice } from '../../internal/parse-choice.ts';
import { NAMINGS } from '../../oci/naming.ts';
import type { CheckOutcome, CheckWish } from '../../verbs/check.ts';
import { BaseCommand } from '../base-command.ts';
import { printable } from '../display/printable.ts';
import type { Status } from '../display/status/status.ts';
import type { Style } from '../display/style.ts';
import { CA_FILE_OPTION } from '../options/ca-file.ts';
import { choiceOption, listOption, restArguments, valueOption } from '../options/declare.ts';
import type { Outcome } from '../outcome.ts';

/** `bundle check BUNDLE… --for FILE` */
export class CheckCommand extends BaseCommand {
  static override paths: string[][] = [['check']];
  static override usage: Usage = {
    description: 'find the images that a cluster will ask for and that nobody brings',
    details: `
      FILE says what a cluster will ask for. It is told by its content: Kubernetes YAML or JSON, also what "kubectl get -A -o json"
      prints, a list of images, a packed chart, its values, a Compose file, config.yaml of K3s or RKE2, arguments of the kubelet.
      Files after the first need no --for of their own, so patterns of the shell work. An image that is neither in a bundle
      nor over there is listed with the places that name it, and the exit status is then 5.
    `,
    examples: [
      [
        'Before the stick is carried: what runs today',
        'kubectl get pods -A -o json | $0 check lab.tar --for -',
      ],
      ['What is going to be applied', '$0 check lab.tar --for deploy/*.yaml'],
      [
        'For nodes of another kind',
        '$0 check lab.tar --for app.tgz --for values.yaml --platform linux/arm64',
      ],
    ],
  };

  bundles: string[] = restArguments('BUNDLE');
  for: string[] | undefined = listOption(
    '--for',
    'FILE',
    'a file that says what will be asked for, - for the standard input; may be repeated',
  );
  platform: string[] | undefined = listOption(
    '--platform',
    'OS/ARCH',
    'what the nodes run on, where FILE does not tell: an image must be there for each; may be repeated',
  );

  registry: string[] | undefined = listOption(
    '--registry',
    'HOST[:PORT][/PREFIX]',
    'a registry over there, which may have the images as well; may be repeated',
  );
  naming: string | undefined = choiceOption(
    '--naming',
    NAMINGS,
    'how an install names images at the registry; rancher when left out',
  );
  registries: string | undefined = valueOption(
    '--registries',
    'FILE',
    'the registries.yaml of the nodes: names are looked for as its mirrors and rewrites change them',
  );
  caFile: string | undefined = valueOption(...CA_FILE_OPTION);
  k3sNode: string | undefined = valueOption(
    '--k3s-node',
    'ROOT',
    'a K3s or RKE2 node by its root directory: the archives that it imports count as well',
  );

  protected override async perform(status: Status): Promise<Outcome<CheckOutcome>> {
    const { surroundings, verbs, stdin } = this.context;
    status.stage('open', this.bundles.join(' '), { brief: true });
    const { checkImages } = await verbs.check();
    const { bundles, files } = filesOf(this.bundles, this.for ?? []);
    const wish: CheckWish = {
      bundles,
      files,
      stdin,
      platforms: this.platform,
      registries: this.registry,
      naming: this.naming === undefined ? undefined : parseChoice('--naming', this.naming, NAMINGS),
      registriesFile: this.registries,
      caFile: this.caFile,
      node: this.k3sNode,
    };
    const result = await checkImages(wish, surroundings, this.ears(status));
    return {
      json: result,
      text: (style) => renderCheck(result, style),
      failure: result.missing.length === 0 ? undefined : missing(result, wish.files),
    };
  }
}

/** Endings that no bundle has: a pattern of the shell gives more files than the option takes. */
const FILE = /\.(?:ya?ml|json|txt|tgz|toml|env|service|conf)$/i;

function filesOf(
  positionals: readonly string[],
  named: readonly string[],
): { readonly bundles: readonly string[]; readonly files: readonly string[] } {
  const isFile = (path: string): boolean => named.length > 0 && FILE.test(path);
  return {
    bundles: positionals.filter((path) => !isFile(path)),
    files: [...named, ...positionals.filter(isFile)],
  };
}

function missing({ missing: images }: CheckOutcome, files: readonly string[]): SaddlebagError {
  const names = new Set(images.map(({ reference }) => reference)).size;
  const from = files.map((file) => JSON.stringify(file)).join(', ');
  return new SaddlebagError(
    'ERR_CONTENT_NOT_FOUND',
    `Cannot start what ${from} asks for: ${formatCount(names, 'image')} ${names === 1 ? 'is' : 'are'} missing`,
    { hint: 'Add them to "images" in the spec and build again; or name the bundle that has them as well.' },
  );
}

/** Places of one image that are shown. */
const SHOWN = 3;

/** Returns what is missing, with its places; then what may be, and the count of what is there. */
function renderCheck({ missing: images, lookalikes, present }: CheckOutcome, style: Style): string {
  return [
    ...images.flatMap((image) => [
      `${style('error', 'missing')} ${style('strong', printable(image.reference))}${factOf(image)}`,
      ...placesOf(image),
    ]),
    ...(lookalikes.length === 0
      ? []
      : [`${formatCount(lookalikes.length, 'text')} may be images, and were not looked for:`]),
    ...lookalikes.flatMap((text) => [`  ${printable(text.text)}`, ...placesOf(text, 1)]),
    `${countOf(present)} there, ${images.length} missing`,
    ...inArchives(present),
  ].join('\n');
}

function countOf(images: CheckOutcome['present']): string {
  return formatCount(new Set(images.map(({ reference }) => reference)).size, 'image');
}

/** What comes in an archive is on a node that imports it, and at no registry. */
function inArchives(present: CheckOutcome['present']): readonly string[] {
  const groups = Map.groupBy(present, ({ archive }) => archive);
  return [...groups].flatMap(([archive, images]) =>
    archive === undefined ? [] : [`  ${countOf(images)} in ${printable(archive)}, for nodes that import it`],
  );
}

function factOf({ platform, has, nearest, leftOut }: CheckOutcome['missing'][number]): string {
  if (leftOut !== undefined)
    return `: left out on purpose with ${leftOut.parts.map(printable).join(', ')} of ${printable(leftOut.release)}`;
  if (has !== undefined) return ` for ${platform ?? 'any platform'}: it is there for ${has.join(', ')} alone`;
  const near = nearest === undefined ? '' : `; there is ${printable(nearest)}`;
  return `${platform === undefined ? '' : ` for ${platform}`}${near}`;
}

function placesOf(
  { places, times }: Pick<CheckOutcome['missing'][number], 'places' | 'times'>,
  shown = SHOWN,
): readonly string[] {
  const lines = places.slice(0, shown).map(({ file, line, path, object }) => {
    const at = line === undefined ? file : `${file}:${line}`;
    return `  ${[at, object, path]
      .filter((part) => part !== undefined)
      .map(printable)
      .join('  ')}`;
  });
  return times > lines.length
    ? [...lines, `  and ${formatCount(times - lines.length, 'more place')}`]
    : lines;
}
