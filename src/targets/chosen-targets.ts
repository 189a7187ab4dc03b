import type { Bundle } from '../bundle/bundle.ts';
import { SaddlebagError } from '../internal/error.ts';
import { checkChoice, type TargetChoice, valuesOf } from './choice.ts';
import type { TargetContext, TargetKind, TargetOption, TargetRequest } from './kind.ts';
import type { Target } from './target.ts';
import { TARGETS } from './targets.ts';

/** A kind with the option values that select it. */
interface NamedKind {
  readonly kind: TargetKind;
  readonly places: readonly (string | true)[];
}

/**
 * Returns the named targets; when none is named, this user's default targets that the bundle has something for.
 *
 * @throws `ERR_USAGE_INVALID`; `ERR_CONTENT_NOT_FOUND` when the bundle holds nothing for a named target, or for any
 */
export async function chosenTargets(
  bundle: Bundle,
  choice: TargetChoice,
  context: TargetContext,
): Promise<readonly Target[]> {
  checkChoice(choice, TARGETS);
  const named = TARGETS.map((kind): NamedKind => ({ kind, places: placesOf(kind, choice) })).filter(
    ({ places }) => places.length > 0,
  );
  requireTargets(choice, named);
  for (const { kind } of named) requireContent(bundle, kind, context);
  const meant = named.length > 0 ? named : defaults(bundle, context);
  const setting = (name: string): readonly string[] =>
    valuesOf(choice, name).filter((value) => value !== true);
  const isSet = (name: string): boolean => valuesOf(choice, name).includes(true);
  const { host, platform, registryAt, mountFrom, only } = context;
  const requestOf = (places: NamedKind['places']): Required<TargetRequest> => {
    return { host, platform, registryAt, mountFrom, only, places, setting, isSet };
  };
  const made = await Promise.all(
    meant.map(async ({ kind, places }) => await kind.make(bundle, requestOf(places))),
  );
  return made.flat();
}

/** A user who sets an option but forgets its target would otherwise see a different target filled. Several kinds may share one. */
function requireTargets(choice: TargetChoice, named: readonly NamedKind[]): void {
  const taken = new Set(named.flatMap(({ kind }) => kind.settings ?? []).map(({ name }) => name));
  for (const kind of TARGETS) {
    const lost = kind.settings?.find(
      ({ name, needsTarget }) =>
        needsTarget === true && valuesOf(choice, name).length > 0 && !taken.has(name),
    );
    if (lost === undefined) continue;
    throw new SaddlebagError(
      'ERR_USAGE_INVALID',
      `Cannot use --${lost.name}: it is for the target "${kind.name}", which is not named`,
      { hint: `Name it: ${formatOption(kind.option)}.` },
    );
  }
}

function placesOf({ option, takes }: TargetKind, choice: TargetChoice): readonly (string | true)[] {
  return valuesOf(choice, option.name).filter((value) => value === true || takes?.(value) !== false);
}

function defaults(bundle: Bundle, context: TargetContext): readonly NamedKind[] {
  const usual = TARGETS.filter(({ isDefault }) => isDefault);
  const meant = usual.filter((kind) => kind.holds(bundle, context.platform));
  if (meant.length > 0) return meant.map((kind) => ({ kind, places: [] }));
  const { os, architecture } = context.platform;
  const lacking = usual.map(({ content }) => `no ${content}`).join(', ');
  const others = TARGETS.filter((kind) => !kind.isDefault && kind.holds(bundle, context.platform));
  throw new SaddlebagError(
    'ERR_CONTENT_NOT_FOUND',
    `Cannot install "${bundle.path}": it holds ${lacking}, for ${os}/${architecture}`,
    {
      hint:
        others.length === 0
          ? 'See what it holds with "bundle inspect"; --host-platform chooses another platform.'
          : `It has something for ${others.map(({ option }) => formatOption(option)).join(', ')}.`,
    },
  );
}

/** A user who names a target relies on it; finding nothing for it must not look like success. */
function requireContent(bundle: Bundle, kind: TargetKind, { platform }: TargetContext): void {
  if (kind.holds(bundle, platform)) return;
  const place = kind.isForPlatform ? ` on ${platform.os}/${platform.architecture}` : '';
  throw new SaddlebagError(
    'ERR_CONTENT_NOT_FOUND',
    `Cannot install "${bundle.path}" to target "${kind.name}": it holds no ${kind.content}${place}`,
    { hint: 'See what it holds with "bundle inspect"; --host-platform chooses another platform.' },
  );
}

function formatOption({ name, form, value }: TargetOption): string {
  if (value === undefined) return `--${name}`;
  return form === 'place' ? `--${name}[=${value}]` : `--${name} ${value}`;
}
