import type { SaddlebagError } from '../../internal/error.ts';
import { creationCommand, type EcrHost, loginCommand, parseEcrHost } from '../ecr/host.ts';

/** The parts of a refusal that suggest a remedy. */
export interface Answer {
  readonly status: number;
  /** The registry's own words. */
  readonly words: string | undefined;
  /** Whether it is a web page. */
  readonly page: boolean;
  /** The host that answered, when a redirect led away from the registry. */
  readonly other?: string | undefined;
}

/** A registry that is not told of the TLS in front of it names addresses of plain HTTP. */
export const FORWARDED_HINT =
  'The proxy in front of the registry must send "X-Forwarded-Proto: https"; some registries have their own address in their settings instead (Harbor: external_url).';

/**
 * What registries say when a project, a disk or an account is full, with various statuses (Harbor: 412, others: 403, 500, 507).
 */
const FULL = /\bquota\b|no space left|insufficient storage|upper limit/i;
const FULL_STATUSES: ReadonlySet<number> = new Set([403, 412, 413, 500, 507]);

/** Who was asked, and as whom. */
interface Asked {
  readonly host: string;
  readonly user?: string | undefined;
  readonly fault?: SaddlebagError | undefined;
}

/** Returns what to do about a refusal, or `undefined` when only its own words can help. */
export function remedyFor(
  { status, words = '', other }: Answer,
  { host, user, fault }: Asked,
): string | undefined {
  if (FULL_STATUSES.has(status) && FULL.test(words))
    return `There is no room for it at "${host}": have its quota or its disk enlarged, or delete what is no longer needed there.`;
  if (status === 413)
    return 'Let the proxy in front of the registry take requests of any size (nginx: client_max_body_size 0, its ingress: proxy-body-size "0"), or send smaller ones with --upload-chunk 50MB.';
  const isDenial = status === 401 || status === 403;
  if (other !== undefined && (isDenial || status === 400))
    return `Credentials of "${host}" go to no other host. If "${other}" is its storage, check that both clocks are right and that it takes the signed addresses of the registry.`;
  if (!isDenial) return undefined;
  if (fault !== undefined) return `${fault.message}. ${fault.hint ?? 'Log in again.'}`;
  const ecr = parseEcrHost(host);
  if (ecr !== undefined) return remedyForEcr(ecr, { user, words });
  if (user === undefined)
    return `No credentials are known for "${host}": run "docker login ${host}", or write them under registries.configs. Some registries answer so for a repository that does not exist.`;
  return `The request was made as user "${user}": check the password and the rights of that user at "${host}", and that the repository exists.`;
}

/** A password of ECR holds for twelve hours (GetAuthorizationToken), so one in Docker's file is old more often than wrong. */
function remedyForEcr(
  registry: EcrHost,
  { user, words }: { readonly user: string | undefined; readonly words: string },
): string {
  const command = loginCommand(registry);
  if (user === undefined)
    return `No credentials are known for "${registry.host}": set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run "${command}".`;
  const permission = /not authorized to perform: (ecr:\w+)/.exec(words)?.[1];
  if (permission !== undefined) return `The AWS user needs the permission ${permission} for it.`;
  return `A password of Amazon ECR holds for 12 hours: run "${command}", or take the old one away with "docker logout ${registry.host}", and AWS keys are used.`;
}

/** Returns what to do about a repository that a registry lacks and does not create by itself. */
export function creationHint(host: string): string {
  const ecr = parseEcrHost(host);
  if (ecr !== undefined)
    return `Create each repository there with "${creationCommand(ecr)}", or run this again with --create-repositories.`;
  const [, location] = /^([a-z0-9-]+)-docker\.pkg\.dev$/.exec(host) ?? [];
  if (location !== undefined)
    return `The first two parts of a name are the project and its repository: create that with "gcloud artifacts repositories create REPOSITORY --project=PROJECT --location=${location} --repository-format=docker".`;
  return 'Create each repository at the registry first, or what the first part of its name stands for there, such as an organization: the registry does not do it by itself.';
}
