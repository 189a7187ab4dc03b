import { describe, expect, it } from 'vitest';
import { pauseWarning, versionWarnings } from '../../../src/sources/rancher-desktop/warnings.ts';
import type { ReleaseTag } from '../../../src/products/distribution/tag.ts';
import { parseK3sTag } from '../../../src/products/k3s/tag.ts';

function tags(...names: readonly string[]): readonly ReleaseTag[] {
  return names.flatMap((name) => parseK3sTag(name) ?? []);
}

describe('the warnings', () => {
  it('name all versions without the pause image, and the remedy', () => {
    expect(pauseWarning(tags('v1.36.3+k3s1', 'v1.35.7+k3s1'))).toMatchObject({
      level: 'warning',
      message: expect.stringContaining(
        'K3s v1.36.3+k3s1, v1.35.7+k3s1: "docker.io/rancher/mirrored-pause:3.6"',
      ),
      hint: expect.stringContaining('Add "docker.io/rancher/mirrored-pause:3.6" to "images"'),
    });
  });

  it('name the versions that current Rancher Desktop does not offer: below 1.25.3', () => {
    const [only, ...others] = versionWarnings(
      tags('v1.25.2+k3s1', 'v1.25.3+k3s1', 'v1.24.17+k3s1', 'v1.36.3+k3s1'),
    );
    expect(others).toEqual([]);
    expect(only?.message).toBe(
      'K3s v1.25.2+k3s1, v1.24.17+k3s1: Rancher Desktop 1.19 and newer does not offer versions below 1.25.3',
    );
    expect(only?.hint).toContain('Choose 1.25.3 or newer');
  });

  it('name candidates, and a build that a higher one hides', () => {
    const messages = versionWarnings(tags('v1.31.0-rc1+k3s1', 'v1.30.6+k3s1', 'v1.30.6+k3s2')).map(
      ({ message }) => message,
    );
    expect(messages).toEqual([
      'K3s v1.31.0-rc1+k3s1: Rancher Desktop never offers a release candidate',
      'K3s v1.30.6+k3s1: Rancher Desktop offers one build of a version, and the spec asks for a higher one too',
    ]);
  });

  it('are silent when there is nothing to say', () => {
    expect(versionWarnings(tags('v1.30.6+k3s1', 'v1.31.2+k3s2'))).toEqual([]);
  });
});
