import { expect, it } from 'vitest';
import type { Registry } from '../../../src/oci/roles.ts';
import { prepareRegistry } from '../../../src/oci/spaces/prepare.ts';
import { openTestClient } from '../../support/registry/client.ts';
import { startEcr } from '../../support/registry/ecr.ts';
import type { FaultAction } from '../../support/registry/fault.ts';
import { startHttpServer } from '../../support/http/http-server.ts';
import { startProxy } from '../../support/http/http-proxy.ts';
import { type InProcessRegistry, startRegistry } from '../../support/registry/registry.ts';
import { hintsOf, problemsOf, thrownBy } from '../../support/thrown.ts';

const NAMES = ['lab/mirror/app', 'lab/mirror/tool', 'other/x'];

const refusal = (status: number, code: string, message: string): FaultAction => ({
  type: 'status',
  status,
  body: { errors: [{ code, message }] },
});

/** What registries say to an upload whose place does not exist, and what must be said of it. */
const REGISTRIES: readonly (readonly [string, string, FaultAction, string])[] = [
  [
    'Quay without the organization',
    'quay.io',
    refusal(401, 'UNAUTHORIZED', 'access to the requested resource is not authorized'),
    'that the repository exists',
  ],
  [
    'Docker Hub with the name of somebody else',
    'registry-1.docker.io',
    refusal(401, 'UNAUTHORIZED', 'authentication required'),
    'that the repository exists',
  ],
  [
    'GHCR without the right',
    'ghcr.io',
    refusal(403, 'DENIED', 'permission_denied: The requested installation does not exist.'),
    'that the repository exists',
  ],
  [
    'Google Artifact Registry',
    'europe-west1-docker.pkg.dev',
    refusal(404, 'NAME_UNKNOWN', 'Repository "mirror" not found'),
    'gcloud artifacts repositories create REPOSITORY --project=PROJECT --location=europe-west1',
  ],
  [
    'the Container Registry of Google',
    'gcr.io',
    refusal(404, 'NAME_UNKNOWN', 'gcr.io repo does not exist. Creating on push requires createOnPush'),
    'Create each repository',
  ],
  [
    'Artifactory',
    'lab.jfrog.io',
    refusal(404, 'NAME_UNKNOWN', 'Repository name not known to registry'),
    'Create each repository',
  ],
  [
    'GitLab without the project',
    'registry.gitlab.com',
    refusal(403, 'DENIED', 'requested access to the resource is denied'),
    'that the repository exists',
  ],
  [
    'Amazon ECR without keys',
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
    refusal(404, 'NAME_UNKNOWN', 'The repository does not exist in the registry'),
    '--create-repositories',
  ],
  [
    'a Harbor that answers no questions',
    'harbor.lab',
    refusal(404, 'NOT_FOUND', 'project lab not found'),
    'Create each repository',
  ],
];

it.each(REGISTRIES)(
  '%s: whatever is missing is told before a byte is sent',
  async (_, host, action, hint) => {
    await using scene = await openAt(host);
    scene.registry.inject({ on: 'POST upload', times: 99, action });
    const prepared = prepareRegistry(scene.opened, NAMES);
    const [problems, hints] = await Promise.all([problemsOf(prepared), hintsOf(prepared)]);
    for (const name of NAMES) expect(problems.join('\n')).toContain(name);
    expect(hints.every((each) => each?.includes(hint) === true)).toBe(true);
    expect(sent(scene.registry)).toBe(0);
  },
);

it('an account of ECR that is full has the rest told, with the reason', async () => {
  await using ecr = await startEcr({ limit: 1 });
  await using client = openTestClient({ env: ecr.env, user: { env: ecr.env, home: '/nonexistent/home' } });
  const prepared = prepareRegistry(client.open(`http://${ecr.host}`), NAMES, { createSpaces: true });
  const error = await thrownBy(prepared);
  expect(error.code).toBe('ERR_TARGET_REFUSED');
  expect(error.message).toContain('2 repositories missing there');
  expect(error.message).toContain('LimitExceededException');
  expect(error.hint).toContain('quota');
  expect(ecr.repositories.size).toBe(1);
  expect(sent(ecr.registry)).toBe(0);
});

it("Docker's registry makes what it lacks itself: it is asked for each, and nothing is told", async () => {
  await using scene = await openAt('registry.lab');
  await prepareRegistry(scene.opened, NAMES);
  expect(scene.registry.log.count('POST upload')).toBeGreaterThanOrEqual(NAMES.length);
  expect(sent(scene.registry)).toBe(0);
});

interface Scene extends AsyncDisposable {
  readonly registry: InProcessRegistry;
  /** The same, under a name of the world. */
  readonly opened: Registry;
}

async function openAt(host: string): Promise<Scene> {
  const registry = await startRegistry({ auth: { scheme: 'basic', username: 'u', password: 'p' } });
  const nowhere = await startHttpServer((_request, response) => void response.writeHead(404).end());
  const proxy = await startProxy({
    portOf: (name) => (name === host ? Number(new URL(registry.url).port) : nowhere.port),
  });
  const env = { HTTP_PROXY: proxy.url };
  const credentials = { [host]: { type: 'password', username: 'u', password: 'p' } } as const;
  const client = openTestClient({ env, credentials, user: { env, home: '/nonexistent/home' } });
  return {
    registry,
    opened: client.open(`http://${host}`),
    [Symbol.asyncDispose]: async () => {
      for (const each of [client, proxy, nowhere, registry]) await each[Symbol.asyncDispose]();
    },
  };
}

function sent({ log }: InProcessRegistry): number {
  return log.count('PUT upload') + log.count('PUT manifest');
}
