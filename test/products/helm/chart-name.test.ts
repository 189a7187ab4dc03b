import { describe, expect, it } from 'vitest';
import { chartTag, isLocalChart, LOCAL_CHARTS } from '../../../src/products/helm/chart-name.ts';

describe('the name of a chart', () => {
  it('has for a tag what Helm makes of the version', () => {
    expect(chartTag('103.0.0+up45.31.1')).toBe('103.0.0_up45.31.1');
    expect(chartTag('1.2.3')).toBe('1.2.3');
  });

  it.each([
    [`${LOCAL_CHARTS.join('/')}/app:1.0.0`, true],
    ['localhost:5000/charts/app:1.0.0', false],
    ['registry.lab/charts/app:1.0.0', false],
  ])("tells by %s whether it is of the builder's own disk: %s", (name, expected) => {
    expect(isLocalChart(name)).toBe(expected);
  });
});
