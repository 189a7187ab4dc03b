import { describe, expect, it, onTestFinished } from 'vitest';
import type { Registry, Spaces } from '../../src/oci/roles.ts';
import { prepareRegistry } from '../../src/oci/spaces/prepare.ts';
import { thrownBy } from '../support/thrown.ts';

/** What a registry is started with. */
export interface SpacesSetting {
  /** Repositories that have their place there. */
  readonly there?: readonly string[];
  /** Whether the user may create places; true when left out. */
  readonly mayMake?: boolean;
  /** Whether the user may ask for them; true when left out. */
  readonly mayAsk?: boolean;
}

/** A registry that requires something before a push. */
export interface SpacesUnderTest extends AsyncDisposable {
  readonly registry: Registry;
  /** Names of what is there. */
  readonly made: () => readonly string[];
  /** How many manifests and blobs it has taken. */
  readonly received: () => number;
  /** What may be in no message. */
  readonly secrets: readonly string[];
}

const NAMES = ['lab/app', 'team/tool', 'quay.io/jetstack/cert-manager-controller'];

/** The contract of `Registry.spaces`, whatever a registry calls its places. */
export function describeSpaces(
  name: string,
  start: (setting: SpacesSetting) => Promise<SpacesUnderTest>,
): void {
  const open = async (
    setting: SpacesSetting = {},
  ): Promise<SpacesUnderTest & { readonly spaces: Spaces; readonly ids: readonly string[] }> => {
    const opened = await start(setting);
    onTestFinished(() => opened[Symbol.asyncDispose]());
    const spaces = await opened.registry.spaces?.();
    if (spaces === undefined) throw new Error(`${name} requires nothing`);
    return { ...opened, spaces, ids: NAMES.map((each) => spaces.nameOf(each)) };
  };
  const hasSecret = (error: unknown, secrets: readonly string[]): boolean => {
    const { stack = '', hint = '' } = Object(error);
    return secrets.some((secret) => `${stack}${hint}${JSON.stringify(error)}`.includes(secret));
  };

  describe(`${name}, which requires something before a push`, () => {
    it('knows what is there and what is not', async () => {
      const { spaces } = await open({ there: ['lab/app'] });
      expect(await spaces.has(spaces.nameOf('lab/app'))).toBe(true);
      expect(await spaces.has(spaces.nameOf('team/tool'))).toBe(false);
    });

    it('has what was created', async () => {
      const { spaces, made } = await open();
      await spaces.make(spaces.nameOf('lab/app'));
      expect(await spaces.has(spaces.nameOf('lab/app'))).toBe(true);
      expect(made()).toEqual([spaces.nameOf('lab/app')]);
    });

    it('takes it for no error that it is there already, nor that two create it at once', async () => {
      const { spaces, made } = await open({ there: ['lab/app'] });
      await spaces.make(spaces.nameOf('lab/app'));
      await Promise.all([1, 2, 3].map(() => spaces.make(spaces.nameOf('team/tool'))));
      expect(made()).toEqual([spaces.nameOf('lab/app'), spaces.nameOf('team/tool')]);
    });

    it('says when this user may not create, and shows nothing secret', async () => {
      const { spaces, made, secrets } = await open({ mayMake: false });
      const error = await thrownBy(spaces.make(spaces.nameOf('lab/app')));
      expect(error.code).toBe('ERR_REGISTRY_DENIED');
      expect(error.message).toContain(spaces.nameOf('lab/app'));
      expect(error.hint).toBeDefined();
      expect(hasSecret(error, secrets)).toBe(false);
      expect(made()).toEqual([]);
    });

    it('leaves open what this user may not ask', async () => {
      const { spaces } = await open({ mayAsk: false, there: ['lab/app'] });
      expect(await spaces.has(spaces.nameOf('lab/app'))).toBeUndefined();
    });

    it('gets what it lacks when that is wanted, and nothing else is sent', async () => {
      const { registry, made, received, ids } = await open({ there: ['lab/app'] });
      await prepareRegistry(registry, NAMES, { createSpaces: true });
      expect(new Set(made())).toEqual(new Set(ids));
      expect(received()).toBe(0);
    });

    it('is left alone when that is not wanted, and everything that is missing is told at once', async () => {
      const { registry, spaces, made, received, ids } = await open({ there: ['lab/app'] });
      const error = await thrownBy(prepareRegistry(registry, NAMES, { createSpaces: false }));
      expect(error.code).toBe('ERR_TARGET_REFUSED');
      expect(error.message).toContain(`2 ${spaces.terms} missing there`);
      for (const id of ids.slice(1)) expect(error.message).toContain(`"${id}"`);
      expect(error.hint).toContain('--create-repositories');
      expect(made()).toEqual([spaces.nameOf('lab/app')]);
      expect(received()).toBe(0);
    });

    it('says in one error what is missing and cannot be created', async () => {
      const { registry, spaces, received, ids, secrets } = await open({ mayMake: false });
      const error = await thrownBy(prepareRegistry(registry, NAMES, { createSpaces: true }));
      expect(error.code).toBe('ERR_TARGET_REFUSED');
      expect(error.message).toContain(`3 ${spaces.terms} missing there`);
      for (const id of ids) expect(error.message).toContain(`"${id}"`);
      expect(error.message).toContain('cannot be created');
      expect(hasSecret(error, secrets)).toBe(false);
      expect(received()).toBe(0);
    });

    it.each([true, false])(
      'lets a user push who may do nothing else, creating or not: %s',
      async (createSpaces) => {
        const { registry } = await open({ mayMake: false, mayAsk: false, there: NAMES });
        await expect(prepareRegistry(registry, NAMES, { createSpaces })).resolves.toBeUndefined();
      },
    );
  });
}
