import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { isRecord } from '../../internal/json.ts';
import type { Spaces } from '../../oci/roles.ts';
import type { LookUps } from '../session/look-ups.ts';
import type { AwsAnswer } from './answer.ts';
import { askEcr, type EcrApiOptions, endpointUrl } from './api.ts';
import { creationCommand, type EcrHost } from './host.ts';
import { refusalOfAws } from './refusal.ts';

export interface EcrRepositoriesOptions {
  readonly registry: EcrHost;
  readonly lookUps: LookUps;
  /** Returns the way to the API; `undefined` when the user has no keys. @throws when there are some that cannot be used */
  readonly api: () => Promise<EcrApiOptions | undefined>;
}

/** Returns the repositories of a registry of Amazon ECR, each of which must exist before a push. */
export function ecrRepositories(options: EcrRepositoriesOptions): Spaces {
  const { registry, lookUps } = options;
  const { account: registryId } = registry;
  return {
    term: 'repository',
    terms: 'repositories',
    isMadeUnasked: false,
    byHand: creationCommand(registry),
    nameOf: (repository) => repository,
    has: async (name, { signal } = {}) => {
      const api = await usable(options.api);
      if (api === undefined) return undefined;
      const found = await lookUps.run('repository', async ({ retries, patience }) => {
        const question = { what: `look for repository "${name}"`, action: 'DescribeRepositories' } as const;
        const input = { registryId, repositoryNames: [name] };
        return await askEcr(api, { ...question, input, retries, patience, signal });
      });
      return 'doubt' in found ? undefined : judge(found.answer, { name, registryId });
    },
    make: async (name, { signal } = {}) => {
      const what = `create repository "${name}"`;
      const api = await options.api();
      if (api === undefined) throw withoutKeys(what);
      const action = 'CreateRepository';
      const answer = await askEcr(api, { what, action, input: { registryId, repositoryName: name }, signal });
      // Somebody else created it first.
      if (answer.type === 'RepositoryAlreadyExistsException') return;
      if (answer.status === 200 && isOf(answer.document?.['repository'], { name, registryId })) return;
      const { host } = endpointUrl(registry, what);
      throw refusalOfAws(answer, { what, action, host, keys: api.keys });
    },
  };
}

/** Who cannot ask may be allowed to push: a password of Docker's is enough for that. */
async function usable(api: EcrRepositoriesOptions['api']): Promise<EcrApiOptions | undefined> {
  try {
    return await api();
  } catch (error) {
    if (isSaddlebagError(error, 'ERR_CREDENTIALS_INVALID')) return undefined;
    throw error;
  }
}

function withoutKeys(what: string): SaddlebagError {
  return new SaddlebagError('ERR_CREDENTIALS_INVALID', `Cannot ${what}: no AWS keys are known`, {
    hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE. "aws configure export-credentials --format env" prints them for any way of logging in. The password of "docker login" is not enough.',
  });
}

interface Wanted {
  readonly name: string;
  readonly registryId: string;
}

/** Any other answer leaves the question open: who may push may be forbidden to ask. */
function judge({ status, type, document }: AwsAnswer, wanted: Wanted): boolean | undefined {
  if (type === 'RepositoryNotFoundException') return false;
  const found = document?.['repositories'];
  if (status !== 200 || !Array.isArray(found)) return undefined;
  return found.some((each) => isOf(each, wanted)) ? true : undefined;
}

/** What the API answers must be about the question. */
function isOf(repository: unknown, { name, registryId }: Wanted): boolean {
  return (
    isRecord(repository) && repository['repositoryName'] === name && repository['registryId'] === registryId
  );
}
