import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openBundle } from '../../src/bundle/open.ts';
import type { Shape } from '../../src/bundle/shape.ts';
import { requireIntact } from '../../src/steps/require-intact.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import { flipBit } from '../support/archives/damage.ts';
import { parityStick, type ParityStick } from '../support/archives/parity-stick.ts';
import { failureOf } from '../support/failure.ts';
import { NOBODY } from '../support/surroundings.ts';

const SHAPES: readonly (readonly [name: string, shape: Shape])[] = [
  ['lab.tar', { form: 'tar' }],
  ['lab.zip', { form: 'zip' }],
  ['lab.tar', { form: 'tar', volumeSize: 700_001 }],
];

/** Damages the content of a bundle where no head is. */
function damage({ files }: ParityStick): void {
  flipBit(files[0] ?? '', 400_000);
}

describe.each(SHAPES)('damage of %s %j with a parity file beside it', (name, shape) => {
  it('is told with the file that repairs it', async () => {
    using stick = await parityStick({ name, shape });
    expect(await verifyBundle({ path: stick.path }, NOBODY)).not.toHaveProperty('parity', expect.anything());
    damage(stick);
    expect(await verifyBundle({ path: stick.path }, NOBODY)).toMatchObject({
      ok: false,
      parity: { path: stick.parity },
    });
  });

  it('is refused by an install with the command that repairs it', async () => {
    using stick = await parityStick({ name, shape });
    damage(stick);
    await using bundle = await openBundle(stick.path);
    const { hint } = await failureOf(async () => await requireIntact(bundle));
    expect(hint).toContain(`bundle repair ${stick.path}`);
    expect(hint).toContain(stick.parity);
  });

  it.each<[string, (stick: ParityStick) => void]>([
    ['is gone', ({ parity }) => rmSync(parity)],
    ['is no parity file', ({ parity }) => writeFileSync(parity, 'something else')],
    ['is empty', ({ parity }) => writeFileSync(parity, '')],
  ])('is told without a file that %s', async (_, spoil) => {
    using stick = await parityStick({ name, shape });
    damage(stick);
    spoil(stick);
    const result = await verifyBundle({ path: stick.path }, NOBODY);
    expect(result.ok).toBe(false);
    expect(result.parity).toBeUndefined();
    await using bundle = await openBundle(stick.path);
    expect((await failureOf(async () => await requireIntact(bundle))).hint).toMatch(/^Copy the bundle again/);
  });
});
