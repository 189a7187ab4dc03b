import { splitPort } from '../../internal/host.ts';

/** A private registry of Amazon ECR, as its host tells. */
export interface EcrHost {
  /** `123456789012.dkr.ecr.eu-west-1.amazonaws.com` */
  readonly host: string;
  /** The account that it belongs to: twelve digits. */
  readonly account: string;
  readonly region: string;
  /** Whether its domain is one of AWS. Otherwise the user named the API, and the host is anybody's. */
  readonly isOfAws: boolean;
  /** Address of the API that its repositories are made by. */
  readonly endpoint: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The domains of AWS, one a partition (its SDKs, "partitions"). */
const DOMAINS: ReadonlySet<string> = new Set([
  'amazonaws.com',
  'amazonaws.com.cn',
  'amazonaws.eu',
  'c2s.ic.gov',
  'sc2s.sgov.gov',
  'cloud.adc-e.uk',
  'csp.hci.ic.gov',
]);

/** Layers of one manifest that ECR takes at most. It says so only once all of them are there. */
export const ECR_LAYERS = 500;

/**
 * Returns what a host tells if it is one of Amazon ECR (AWS General Reference, "Amazon ECR endpoints and quotas"). Where the user
 * names the API's address, as for an emulator, the domain does not matter.
 */
export function parseEcrHost(host: string, env: Environment = {}): EcrHost | undefined {
  const name = splitPort(host.toLowerCase()).host;
  const found = /^(\d{12})\.dkr([.-])ecr(-fips)?\.([a-z]{2,5}(?:-[a-z]+)+-\d+)\.(.+)$/.exec(name);
  const [, account = '', separator, fips = '', region = '', domain = ''] = found ?? [];
  if (found === null) return undefined;
  const standard = standardEndpoint({ isDualStack: separator === '-', fips, region, domain });
  const endpoint = namedEndpoint(env) ?? standard;
  const isOfAws = standard !== undefined;
  return endpoint === undefined ? undefined : { host, account, region, isOfAws, endpoint };
}

/** AWS SDKs and Tools Reference Guide, "Service-specific endpoints". */
function namedEndpoint(env: Environment): string | undefined {
  if (env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS']?.toLowerCase() === 'true') return undefined;
  return env['AWS_ENDPOINT_URL_ECR'] || env['AWS_ENDPOINT_URL'] || undefined;
}

function standardEndpoint(parts: {
  readonly isDualStack: boolean;
  readonly fips: string;
  readonly region: string;
  readonly domain: string;
}): string | undefined {
  const { isDualStack, fips, region, domain } = parts;
  if (isDualStack) return domain === 'on.aws' ? `https://ecr${fips}.${region}.api.aws` : undefined;
  if (!DOMAINS.has(domain)) return undefined;
  return fips === '' ? `https://api.ecr.${region}.${domain}` : `https://ecr-fips.${region}.${domain}`;
}

/** Returns the command that logs Docker, and so this program, in to a registry of ECR. */
export function loginCommand({ host, region }: EcrHost): string {
  return `aws ecr get-login-password --region ${region} | docker login --username AWS --password-stdin ${host}`;
}

/** Returns the command that creates a repository, where `NAME` stands for its name. */
export function creationCommand({ region }: EcrHost): string {
  return `aws ecr create-repository --region ${region} --repository-name NAME`;
}
