import { describe, expect, it, onTestFinished } from 'vitest';
import type { Registry } from '../../../src/oci/roles.ts';
import { prepareRegistry } from '../../../src/oci/spaces/prepare.ts';
import { type FakeHarbor, type HarborOptions, startHarbor } from '../../support/registry/harbor.ts';
import { type InProcessRegistryOptions, startRegistry } from '../../support/registry/registry.ts';
import { openTestClient } from '../../support/registry/client.ts';
import { problemsOf, thrownBy } from '../../support/thrown.ts';

const REPOSITORIES = ['rancher/rancher', 'rancher/shell', 'quay.io/jetstack/cert-manager-controller'];

describe('a Harbor', () => {
  it('gets the projects that it lacks, each once, and nobody but its users sees them', async () => {
    const { harbor, registry } = await harborAs();
    await prepareRegistry(registry, REPOSITORIES);
    expect([...harbor.projects]).toEqual([
      ['quay.io', false],
      ['rancher', false],
    ]);
    expect(writes(harbor)).toEqual(['POST /api/v2.0/projects', 'POST /api/v2.0/projects']);
  });

  it('is left alone when its projects are there', async () => {
    const { harbor, registry } = await harborAs({ projects: ['rancher', 'quay.io'] });
    await prepareRegistry(registry, REPOSITORIES);
    expect(writes(harbor)).toEqual([]);
  });

  it.each([
    ['is a proxy cache', 405, 'UNSUPPORTED', 'cannot push artifact to a proxy project'],
    ['this user may only pull from', 403, 'DENIED', 'requested access to the resource is denied'],
  ])(
    'says before anything is made or sent that a project that is there %s',
    async (_, status, code, message) => {
      const { harbor, registry } = await harborAs({ projects: ['rancher'] });
      const refusal = { type: 'status', status, body: { errors: [{ code, message }] } } as const;
      harbor.inject({ on: 'POST upload', path: /^\/v2\/rancher\//, times: 10, action: refusal });
      const error = await thrownBy(prepareRegistry(registry, REPOSITORIES));
      expect(error.message).toContain('rancher/');
      expect(error.message).toContain(message);
      expect([...harbor.projects.keys()]).toEqual(['rancher']);
      expect(harbor.log.count('PUT manifest')).toBe(0);
    },
  );

  it('takes a robot with a dollar sign in its name for a user', async () => {
    const { harbor, registry } = await harborAs({ username: 'robot$saddlebag', password: 's$cret' });
    await prepareRegistry(registry, ['rancher/rancher']);
    expect([...harbor.projects.keys()]).toEqual(['rancher']);
  });

  it('that does not let users create projects is named with all that are missing, in one error', async () => {
    const { harbor, registry } = await harborAs({ mayCreate: false, projects: ['rancher'] });
    const error = await thrownBy(prepareRegistry(registry, [...REPOSITORIES, 'ghcr.io/a/b']));
    expect(error).toMatchObject({
      code: 'ERR_TARGET_REFUSED',
      message: expect.stringContaining('2 projects missing there ("ghcr.io", "quay.io")'),
      hint: expect.stringContaining('user "admin"'),
    });
    expect(`${JSON.stringify(error)}${String(error)}`).not.toContain(harbor.password);
  });

  it('keeps its projects as they are when that is wanted, and what is missing is named all the same', async () => {
    const { harbor, registry } = await harborAs({ projects: ['rancher'] });
    const error = await thrownBy(prepareRegistry(registry, REPOSITORIES, { createSpaces: false }));
    expect(error).toMatchObject({
      code: 'ERR_TARGET_REFUSED',
      message: `Cannot push to "${harbor.host}": 1 project missing there ("quay.io")`,
      hint: expect.stringContaining('--create-repositories'),
    });
    expect(writes(harbor)).toEqual([]);
  });

  it('lets a robot of one project push there that may neither ask nor create', async () => {
    const robot = { username: 'robot$rancher+push', mayAsk: false, mayCreate: false };
    const { registry } = await harborAs({ ...robot, projects: ['rancher'] });
    await prepareRegistry(registry, ['rancher/rancher']);
    expect(await thrownBy(prepareRegistry(registry, REPOSITORIES))).toMatchObject({
      message: expect.stringContaining('1 project missing there ("quay.io")'),
    });
  });

  it('does not get the password of a wrong user shown', async () => {
    const { registry } = await harborAs({}, 'wrong-password');
    const error = await thrownBy(prepareRegistry(registry, REPOSITORIES));
    expect(error).toMatchObject({ code: 'ERR_TARGET_REFUSED' });
    expect(`${JSON.stringify(error)}${String(error)}`).not.toContain('wrong-password');
  });
});

describe('any other registry', () => {
  it('is asked to begin an upload in each repository once, and has it cancelled', async () => {
    const { registry, server } = await registryWith();
    await prepareRegistry(registry, [...REPOSITORIES, ...REPOSITORIES]);
    expect(server.log.count('POST upload')).toBe(3);
    expect(server.log.count('DELETE upload')).toBe(3);
    expect(REPOSITORIES.map((name) => server.content.find(name)?.uploads.size)).toEqual([0, 0, 0]);
  });

  it('that wants its repositories made first says so in its own words, for all of them at once', async () => {
    const { registry, server } = await registryWith({
      faults: REPOSITORIES.map((name) => ({
        on: 'POST upload',
        path: new RegExp(name),
        action: {
          type: 'status',
          status: 404,
          body: {
            errors: [{ code: 'NAME_UNKNOWN', message: `The repository with name '${name}' does not exist` }],
          },
        },
      })),
    });
    const error = await thrownBy(prepareRegistry(registry, REPOSITORIES));
    expect(error).toMatchObject({
      code: 'ERR_UPSTREAM_NOT_FOUND',
      message: expect.stringContaining('says "NAME_UNKNOWN: The repository with name \'quay.io/jetstack'),
      hint: expect.stringContaining('Create each repository'),
    });
    expect(String(error)).toContain('the same holds for rancher/rancher, rancher/shell');
    expect(server.log.count('PUT manifest')).toBe(0);
  });

  it('has each different answer told', async () => {
    const { registry } = await registryWith({
      faults: [
        { on: 'POST upload', path: /shell/, action: { type: 'status', status: 403 } },
        { on: 'POST upload', path: /quay/, action: { type: 'status', status: 404 } },
      ],
    });
    expect(await problemsOf(prepareRegistry(registry, REPOSITORIES))).toEqual([
      expect.stringMatching(/^ERR_UPSTREAM_NOT_FOUND .*quay\.io\/jetstack.*404/),
      expect.stringMatching(/^ERR_REGISTRY_DENIED .*rancher\/shell.*403/),
    ]);
  });

  it('that shows a web page at every other path is no Harbor', async () => {
    const { registry, server } = await registryWith({
      faults: [{ on: 'GET other', path: /systeminfo/, action: { type: 'html' } }],
    });
    await prepareRegistry(registry, ['rancher/rancher']);
    expect(server.log.count('POST other')).toBe(0);
  });

  it('is asked nothing when nothing goes there', async () => {
    const { registry, server } = await registryWith();
    await prepareRegistry(registry, []);
    expect(server.log.entries).toEqual([]);
  });
});

async function harborAs(
  options: HarborOptions = {},
  password?: string,
): Promise<{ readonly harbor: FakeHarbor; readonly registry: Registry }> {
  const harbor = await startHarbor(options);
  onTestFinished(() => harbor[Symbol.asyncDispose]());
  const { host, username } = harbor;
  const credentials = {
    [host]: { type: 'password', username, password: password ?? harbor.password },
  } as const;
  const client = openTestClient({ credentials });
  onTestFinished(() => client[Symbol.asyncDispose]());
  return { harbor, registry: client.open(host) };
}

async function registryWith(
  options: InProcessRegistryOptions = {},
): Promise<{ readonly registry: Registry; readonly server: Awaited<ReturnType<typeof startRegistry>> }> {
  const server = await startRegistry(options);
  onTestFinished(() => server[Symbol.asyncDispose]());
  const client = openTestClient();
  onTestFinished(() => client[Symbol.asyncDispose]());
  return { server, registry: client.open(server.host) };
}

/** What a Harbor was told to do, but for uploads that are begun and given up. */
function writes({ log }: FakeHarbor): readonly string[] {
  const entries = log.entries.filter(
    ({ method, path }) => method !== 'GET' && method !== 'HEAD' && path.startsWith('/api/'),
  );
  return entries.map(({ method, path }) => `${method} ${path}`);
}
