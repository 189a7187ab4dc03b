import { expect, it } from 'vitest';
import { stopGrace } from '../../src/cli/stop-grace.ts';

it('gives a server time for the pulls under way, and every other command less than a second', () => {
  expect(stopGrace(['serve', 'lab.tar'])).toBeGreaterThan(10_000);
  expect(stopGrace(['--json', 'serve', 'lab.tar'])).toBeGreaterThan(10_000);
  for (const argv of [['build', 'serve'], ['install', 'lab.tar'], []])
    expect(stopGrace(argv)).toBeLessThan(1000);
});
