import { parseChoice } from '../../internal/parse-choice.ts';
import { NAMINGS } from '../../oci/naming.ts';
import { sharedFetcher } from '../../oci/shared-fetcher.ts';
import type { TargetKind, TargetOption, TargetRequest } from '../kind.ts';
import { parseRegistryAddress } from './address.ts';
import { registryItems } from './items.ts';
import { EMBEDDED, REGISTRY_OPTION } from './option.ts';
import { parseRewriteRule } from './rewrite-rule.ts';

const NAMING: TargetOption = {
  name: 'naming',
  form: 'value',
  value: 'RULE',
  choices: NAMINGS,
  help: 'how images are named at the registry; rancher when left out',
};
const REWRITE: TargetOption = {
  name: 'rewrite',
  form: 'list',
  value: 'REGEX=>REPLACEMENT',
  help: 'rewrite repository names after the naming, before the prefix is added; may be repeated',
  check: (value) => void parseRewriteRule(value),
};
const CREATE_PROJECTS: TargetOption = {
  name: 'create-projects',
  form: 'value',
  value: 'ANSWER',
  choices: ['yes', 'no'],
  help: 'create projects that are missing at a Harbor; yes when left out',
};
const CREATE_REPOSITORIES: TargetOption = {
  name: 'create-repositories',
  form: 'flag',
  help: 'create what the registry requires and lacks: repositories at Amazon ECR, projects at a Harbor',
};

/** The destination of images when none is named. */
const DEFAULT_REGISTRY = 'localhost:5000';
const DEFAULT_REGISTRY_HINT =
  'Start a registry there and run this again, or name yours with --registry HOST[:PORT][/PREFIX]. Where there is none, "bundle serve" is one.';

/** Registries reached over the network. */
export const registry: TargetKind = {
  name: 'registry',
  option: REGISTRY_OPTION,
  takes: (value) => !value.startsWith(EMBEDDED),
  settings: [NAMING, REWRITE, CREATE_REPOSITORIES, CREATE_PROJECTS],
  isDefault: true,
  isOnDisk: false,
  content: 'images',
  isForPlatform: false,
  holds: (bundle) => registryItems(bundle).length > 0,
  async make(bundle, request) {
    const { registryTarget } = await import('./registry.ts');
    const named = request.places.filter((place) => place !== true);
    const addresses = (named.length === 0 ? [DEFAULT_REGISTRY] : [...new Set(named)]).map(
      parseRegistryAddress,
    );
    const [naming = NAMINGS[0]] = request.setting(NAMING.name);
    // Blobs that several of them lack are read once.
    const content = addresses.length > 1 ? sharedFetcher(bundle) : bundle;
    return addresses.map(({ host, prefix }) =>
      registryTarget(bundle, {
        registry: request.registryAt(host),
        prefix,
        naming: parseChoice('--naming', naming, NAMINGS),
        rewrites: request.setting(REWRITE.name).map(parseRewriteRule),
        createSpaces: createsSpaces(request),
        only: request.only,
        content,
        hint: named.length === 0 ? DEFAULT_REGISTRY_HINT : undefined,
        mountFrom: (digest) => request.mountFrom?.(host, digest),
      }),
    );
  },
  async takeBack(left, options) {
    const { imageRemovals } = await import('./removals.ts');
    return imageRemovals(left, options);
  },
};

/** Harbor's projects are created unless the user says no, repositories of Amazon ECR when the user says so. */
function createsSpaces({ setting, isSet }: TargetRequest): boolean | undefined {
  if (isSet(CREATE_REPOSITORIES.name)) return true;
  return setting(CREATE_PROJECTS.name).includes('no') ? false : undefined;
}
