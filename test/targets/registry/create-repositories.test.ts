import { expect, it } from 'vitest';
import type { Registry } from '../../../src/oci/roles.ts';
import type { TargetChoice } from '../../../src/targets/choice.ts';
import { chosenTargets } from '../../../src/targets/chosen-targets.ts';
import { plannedImage } from '../../support/planned/items.ts';
import { memoryRegistries } from '../../support/registry/memory-registry.ts';
import { bundleOf } from '../../support/samples/target-samples.ts';

/** Installs nothing: prepares a registry that lacks one place, and returns whether that was created. */
async function creates(choice: TargetChoice, isMadeUnasked: boolean): Promise<boolean> {
  const made: string[] = [];
  const registryAt = (host: string): Registry => ({
    ...memoryRegistries({}).registryOf(host),
    spaces: async () => ({
      term: 'place',
      terms: 'places',
      isMadeUnasked,
      nameOf: (repository) => repository,
      has: async () => false,
      make: async (name) => void made.push(name),
    }),
  });
  const bundle = await bundleOf([plannedImage('docker.io/rancher/rancher:v2.9.2')]);
  const host = { os: 'linux', env: {}, home: '/home/ana' } as const;
  const context = { host, platform: { os: 'linux', architecture: 'amd64' }, registryAt };
  const [target] = await chosenTargets(bundle, { registry: ['registry.lab'], ...choice }, context);
  const actions = (await target?.plan()) ?? [];
  await target?.prepare?.(actions).catch(() => undefined);
  return made.length > 0;
}

it.each([
  [{}, true, true],
  [{}, false, false],
  [{ 'create-repositories': true }, true, true],
  [{ 'create-repositories': true }, false, true],
  [{ 'create-repositories': false }, false, false],
  [{ 'create-projects': 'yes' }, true, true],
  [{ 'create-projects': 'yes' }, false, false],
  [{ 'create-projects': 'no' }, true, false],
  [{ 'create-projects': 'no', 'create-repositories': true }, true, true],
])(
  '%j, where places are made unasked: %s, creates what is missing: %s',
  async (choice, isMadeUnasked, expected) => {
    expect(await creates(choice, isMadeUnasked)).toBe(expected);
  },
);

it('an option that takes no value is a mistake with one', async () => {
  await expect(creates({ 'create-repositories': 'yes' }, true)).rejects.toMatchObject({
    code: 'ERR_USAGE_INVALID',
    message: 'Cannot use --create-repositories: it takes no value',
    hint: 'Write --create-repositories alone.',
  });
});
