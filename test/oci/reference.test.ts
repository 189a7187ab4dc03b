import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSaddlebagError } from '../../src/internal/error.ts';
import { formatReference, parseReference } from '../../src/oci/reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('parseReference', () => {
  it.each([
    ['busybox', 'docker.io/library/busybox:latest'],
    ['rancher/rancher', 'docker.io/rancher/rancher:latest'],
    ['rancher/rancher:v2.9.2', 'docker.io/rancher/rancher:v2.9.2'],
    ['docker.io/busybox:1.36', 'docker.io/library/busybox:1.36'],
    ['index.docker.io/rancher/shell:v1', 'docker.io/rancher/shell:v1'],
    ['quay.io/jetstack/cert-manager-controller:v1.15.3', 'quay.io/jetstack/cert-manager-controller:v1.15.3'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/app:1', 'localhost:5000/app:1'],
    ['[::1]:5000/app:1', '[::1]:5000/app:1'],
    ['127.0.0.1:5000/a/b/c', '127.0.0.1:5000/a/b/c:latest'],
    [`busybox@${DIGEST}`, `docker.io/library/busybox@${DIGEST}`],
    [`busybox:1.36@${DIGEST}`, `docker.io/library/busybox:1.36@${DIGEST}`],
    ['host.example/a__b/c--d.e', 'host.example/a__b/c--d.e:latest'],
  ])('reads %s as %s', (text, full) => {
    expect(formatReference(parseReference(text))).toBe(full);
  });

  it.each([
    ['', 'is not a repository name'],
    ['Rancher/rancher', '"Rancher" is not a repository name'],
    ['https://quay.io/x', 'it is a URL'],
    ['a//b', '"" is not a repository name'],
    ['a/b:', '"" is not a tag'],
    ['a/b:v1 # comment', 'is not a tag'],
    ['a/../b', '".." is not a repository name'],
    [`a/b:${'t'.repeat(129)}`, 'is not a tag'],
    ['a@sha256:123', 'is not a sha256 digest'],
    [`a@sha256:${'A'.repeat(64)}`, 'is not a sha256 digest'],
    [`a@sha512:${'a'.repeat(128)}`, 'is not a sha256 digest'],
    ['-host.example/a', '"-host.example" is not a host name'],
    [`quay.io/${'a'.repeat(260)}`, 'longer than 255'],
  ])('refuses %j', (text, fact) => {
    expect(() => parseReference(text)).toThrow(fact);
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'ERR_REFERENCE_INVALID' }));
  });

  it.each([
    ['https://registry.lab/x:1', 'https://'],
    ['HTTP://registry.lab:5000/team/x:1', 'HTTP://'],
    ['docker://quay.io/x/y:1', 'docker://'],
    ['docker://busybox', 'docker://'],
    ['oci://ghcr.io/charts/app', 'oci://'],
    [`https://registry.lab/x@${DIGEST}`, 'https://'],
  ])('tells what to leave out of %s', (text, scheme) => {
    expect(() => parseReference(text)).toThrow(
      expect.objectContaining({
        code: 'ERR_REFERENCE_INVALID',
        hint: `Leave "${scheme}" out: a reference is not a URL.`,
      }),
    );
  });

  it.each([
    'https://user:s3cret@registry.lab/x:1',
    'https://user:s3/s3cret@registry.lab/x:1',
    'docker://user:p@s3cret@registry.lab/x:1',
    `https://user:s3cret@registry.lab/x@${DIGEST}`,
  ])('shows no password of %s', (text) => {
    expect(() => parseReference(text)).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching('s3') }),
    );
  });

  it('reads what it has written as the same thing', () => {
    const component = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const parts = fc.record({
      host: fc.constantFrom('', 'quay.io/', 'localhost:5000/', '10.0.0.1:443/'),
      path: fc.array(component, { minLength: 1, maxLength: 4 }),
      tag: fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/)),
    });
    fc.assert(
      fc.property(parts, ({ host, path, tag }) => {
        const once = parseReference(`${host}${path.join('/')}${tag === null ? '' : `:${tag}`}`);
        expect(parseReference(formatReference(once))).toEqual(once);
      }),
    );
  });

  it('answers anything with a reference or its own error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const answer = codeOf(() => parseReference(text));
        expect([undefined, 'ERR_REFERENCE_INVALID']).toContain(answer);
      }),
    );
  });
});

/** Returns the code of the error of ours that `task` throws; anything else is thrown on. */
function codeOf(task: () => unknown): string | undefined {
  try {
    task();
    return undefined;
  } catch (error) {
    if (isSaddlebagError(error)) return error.code;
    throw error;
  }
}
