import { describe, expect, it } from 'vitest';
import { parseRewriteRule, rewriteRepository } from '../../../src/targets/registry/rewrite-rule.ts';

describe('a rewrite rule', () => {
  it.each([
    ['^quay\\.io/=>', 'quay.io/jetstack/c', 'jetstack/c'],
    ['^quay\\.io/(.*)$=>mirror/$1', 'quay.io/jetstack/c', 'mirror/jetstack/c'],
    ['(?<org>[^/]+)/(?<name>[^/]+)$=>$<name>-of-$<org>', 'rancher/shell', 'shell-of-rancher'],
    ['^busybox$=>x', 'rancher/busybox', 'rancher/busybox'],
    ['a=>b=>c', 'a', 'b=>c'],
  ])('"%s" makes of "%s"', (rule, before, after) => {
    expect(rewriteRepository(before, [parseRewriteRule(rule)])).toBe(after);
  });

  it('is applied to what the one before it left', () => {
    const rules = ['^quay\\.io/=>', '^jetstack/=>certs/'].map(parseRewriteRule);
    expect(rewriteRepository('quay.io/jetstack/c', rules)).toBe('certs/c');
  });

  it.each(['', 'rancher', '=>x', '[=>x', '(?<a>x)(?<a>y)=>z'])('"%s" is none', (text) => {
    expect(() => parseRewriteRule(text)).toThrow(expect.objectContaining({ code: 'ERR_USAGE_INVALID' }));
  });
});
