import { array, assert, constantFrom, property, stringMatching } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatReference, parseReference } from '../../src/oci/reference.ts';
import { targetReference } from '../../src/oci/naming.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('targetReference', () => {
  // The middle columns are the contract's rule, which is that of Rancher's own load script.
  it.each([
    [
      'rancher/rancher:v2.9.2',
      'rancher/rancher:v2.9.2',
      'rancher/rancher:v2.9.2',
      'docker.io/rancher/rancher:v2.9.2',
    ],
    [
      'docker.io/rancher/rancher:v2',
      'rancher/rancher:v2',
      'rancher/rancher:v2',
      'docker.io/rancher/rancher:v2',
    ],
    ['busybox:1', 'rancher/busybox:1', 'library/busybox:1', 'docker.io/library/busybox:1'],
    // The form in which a bundle names what somebody wrote as `busybox:1`.
    ['docker.io/library/busybox:1', 'rancher/busybox:1', 'library/busybox:1', 'docker.io/library/busybox:1'],
    ['library/busybox:1', 'library/busybox:1', 'library/busybox:1', 'docker.io/library/busybox:1'],
    ['quay.io/jetstack/c:v1', 'quay.io/jetstack/c:v1', 'jetstack/c:v1', 'quay.io/jetstack/c:v1'],
    [
      'registry.suse.com/rancher/x:t',
      'registry.suse.com/rancher/x:t',
      'rancher/x:t',
      'registry.suse.com/rancher/x:t',
    ],
    ['ghcr.io/a/b/c:t', 'ghcr.io/a/b/c:t', 'a/b/c:t', 'ghcr.io/a/b/c:t'],
    ['registry.k8s.io/pause:3.9', 'registry.k8s.io/pause:3.9', 'pause:3.9', 'registry.k8s.io/pause:3.9'],
    [
      'rancher/rancher',
      'rancher/rancher:latest',
      'rancher/rancher:latest',
      'docker.io/rancher/rancher:latest',
    ],
    [`quay.io/a/b@${DIGEST}`, `quay.io/a/b@${DIGEST}`, `a/b@${DIGEST}`, `quay.io/a/b@${DIGEST}`],
    [`a/b:t@${DIGEST}`, `a/b:t@${DIGEST}`, `a/b:t@${DIGEST}`, `docker.io/a/b:t@${DIGEST}`],
    // A repository name has no colon but that of the tag, and no capitals.
    ['127.0.0.1:5001/lab/app:v1', '127.0.0.1-5001/lab/app:v1', 'lab/app:v1', '127.0.0.1-5001/lab/app:v1'],
    ['Harbor.Lab/a/b:v1', 'harbor.lab/a/b:v1', 'a/b:v1', 'harbor.lab/a/b:v1'],
  ])('names %s', (name, rancher, strip, full) => {
    expect(format(name, 'rancher')).toBe(rancher);
    expect(format(name, 'strip')).toBe(strip);
    expect(format(name, 'full')).toBe(full);
  });

  // `rancher-load-images.sh`: a name with "/" goes under the registry as it is written, any other one under "rancher/".
  it.each(['', 'project', 'project/lab'])(
    'names what the load script of Rancher names, below "%s"',
    (prefix) => {
      const below = prefix === '' ? '' : `${prefix}/`;
      for (const [line, result] of [
        ['rancher/x:t', 'rancher/x:t'],
        ['busybox:1', 'rancher/busybox:1'],
        ['library/busybox:1', 'library/busybox:1'],
        ['quay.io/jetstack/c:v', 'quay.io/jetstack/c:v'],
        ['registry.suse.com/rancher/x:t', 'registry.suse.com/rancher/x:t'],
        // The one line that the script names otherwise, `docker.io/rancher/x:t`: see docs/decisions.md, "Images".
        ['docker.io/rancher/x:t', 'rancher/x:t'],
        // The script has no name for it: `docker tag` refuses a digest for a target.
        [`rancher/x@${DIGEST}`, `rancher/x@${DIGEST}`],
      ] as const)
        expect(format(line, 'rancher', prefix)).toBe(`${below}${result}`);
    },
  );

  it('follows the rule of Rancher when none is chosen', () => {
    expect(targetReference('busybox:1')).toEqual({ repository: 'rancher/busybox', tag: '1' });
  });

  it('puts everything under the prefix', () => {
    expect(format('busybox:1', 'rancher', 'mirror/lab')).toBe('mirror/lab/rancher/busybox:1');
    expect(format('quay.io/a/b:1', 'full', 'mirror')).toBe('mirror/quay.io/a/b:1');
  });

  it('refuses a name that no registry could hold, and says how to get around it', () => {
    expect(() => targetReference('[::1]:5000/a/b:1', 'rancher')).toThrow(
      expect.objectContaining({ code: 'ERR_REFERENCE_INVALID', hint: expect.stringContaining('"strip"') }),
    );
    expect(format('[::1]:5000/a/b:1', 'strip')).toBe('a/b:1');
    expect(() => targetReference('a/b:1', 'rancher', 'x'.repeat(250))).toThrow(/is not a repository name/);
  });

  it('keeps every name readable, and the tag with it', () => {
    const component = stringMatching(/^[a-z0-9]{1,8}$/);
    const host = constantFrom('', 'docker.io/', 'quay.io/', 'registry.lab:5000/', 'localhost:5000/');
    const path = array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    assert(
      property(host, path, component, constantFrom('rancher', 'strip', 'full'), (h, p, tag, naming) => {
        const { repository, ...rest } = targetReference(`${h}${p}:${tag}`, naming);
        expect(rest).toEqual({ tag });
        expect(parseReference(`localhost:5000/${repository}:${tag}`).repository).toBe(repository);
      }),
    );
  });
});

function format(name: string, naming: 'rancher' | 'strip' | 'full', prefix = ''): string {
  return formatReference({ registry: 'R', ...targetReference(name, naming, prefix) }).slice('R/'.length);
}
