import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { mapConcurrently } from '../../internal/gate.ts';
import { REQUESTS_AT_ONCE } from '../../internal/http/host.ts';
import { compareText } from '../../internal/order.ts';
import type { Registry, Spaces, WaitOptions } from '../roles.ts';
import { probeAll } from './probe-all.ts';

export interface PrepareOptions extends WaitOptions {
  /** Whether to create what is missing; as the registry has it when left out: projects of a Harbor yes, repositories of ECR no. */
  readonly createSpaces?: boolean | undefined;
}

/**
 * Makes sure, before the first byte is sent, that a registry accepts these repositories: what it requires is created, if that is
 * wanted, or told; on any other registry, an upload is started in each repository.
 *
 * @throws `ERR_TARGET_REFUSED` naming everything that is missing; the errors of the requests, one problem per answer
 */
export async function prepareRegistry(
  registry: Registry,
  repositories: readonly string[],
  options: PrepareOptions = {},
): Promise<void> {
  if (repositories.length === 0) return;
  const distinct = [...new Set(repositories)].sort(compareText);
  const spaces = await registry.spaces?.({ signal: options.signal });
  if (spaces === undefined) await probeAll(registry, distinct, options);
  else await provide(registry, { spaces, repositories: distinct }, options);
}

/** What the user must create by hand, and why it could not be created. */
interface Lacking {
  readonly name: string;
  readonly cause?: SaddlebagError | undefined;
}

async function provide(
  registry: Registry,
  { spaces, repositories }: { readonly spaces: Spaces; readonly repositories: readonly string[] },
  options: PrepareOptions,
): Promise<void> {
  const { createSpaces: creates = spaces.isMadeUnasked } = options;
  const examples = new Map(repositories.map((repository) => [spaces.nameOf(repository), repository]));
  const states = await mapConcurrently(examples, REQUESTS_AT_ONCE, async ([name, example]) => ({
    name,
    example,
    isThere: await spaces.has(name, options),
  }));
  // A project may be there and take nothing: one that is a proxy cache, or where this user may only pull. Where nobody may say
  // whether it is there, the registry says it at the first request.
  const pushed = states.filter(({ isThere }) => isThere === true || (isThere === undefined && !creates));
  await probeAll(
    registry,
    pushed.map(({ example }) => example),
    options,
  );
  const others = states.filter((state) => !pushed.includes(state));
  const lacking = await mapConcurrently(
    others,
    REQUESTS_AT_ONCE,
    async ({ name, example, isThere }): Promise<Lacking | undefined> => {
      if (!creates) return { name };
      const failure = await attempt(() => spaces.make(name, options));
      if (failure === undefined) return undefined;
      // Who may not ask for a project may be allowed to push to it: its robots are.
      const probe = async (): Promise<void> => await registry.repository(example).probe?.(options);
      if (isThere === undefined && (await attempt(probe)) === undefined) return undefined;
      return { name, cause: failure };
    },
  );
  const missing = lacking.filter((each) => each !== undefined);
  if (missing.length > 0) throw missingSpaces(registry, spaces, missing);
}

async function attempt(task: () => Promise<void>): Promise<SaddlebagError | undefined> {
  try {
    await task();
    return undefined;
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
    return error;
  }
}

function missingSpaces(
  { host }: Registry,
  { term, terms, byHand }: Spaces,
  missing: readonly Lacking[],
): SaddlebagError {
  const names = missing.map(({ name }) => `"${name}"`).join(', ');
  const count = `${missing.length} ${missing.length === 1 ? term : terms}`;
  const [cause] = missing.flatMap((each) => each.cause ?? []);
  const reason = cause === undefined ? '' : `, and cannot be created: ${lowerFirst(cause.message)}`;
  return new SaddlebagError(
    'ERR_TARGET_REFUSED',
    `Cannot push to "${host}": ${count} missing there (${names})${reason}`,
    { hint: cause === undefined ? unaskedHint(byHand) : causeHint(cause), cause },
  );
}

function unaskedHint(byHand: string | undefined): string {
  const command = byHand === undefined ? '' : ` with "${byHand}"`;
  return `Create each of them there${command}, or run this again with --create-repositories.`;
}

/** A denial is about who asks; anything else is about what is asked. */
function causeHint({ code, hint }: SaddlebagError): string {
  if (code !== 'ERR_REGISTRY_DENIED' && hint !== undefined) return hint;
  return `Have an administrator create them, or log in as a user who may.${hint === undefined ? '' : ` ${hint}`}`;
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}
