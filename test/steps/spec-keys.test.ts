import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { SOURCES } from '../../src/sources/sources.ts';
import { specDocument } from '../../src/steps/spec-document.ts';
import { specKeys } from '../../src/steps/spec-keys.ts';
import { parseWhole } from '../support/sites/spec-document.ts';

const KEYS = specKeys(SOURCES);
const PAGE = specDocument();

/** What a path leads to in a document; a name of the user's is the only one that is there. */
function valueAt(document: unknown, path: string): unknown {
  return path
    .replaceAll('[]', '.0')
    .split('.')
    .reduce<unknown>(
      (at, key) => Object(at)[key === '*' ? (Object.keys(Object(at))[0] ?? '') : key],
      document,
    );
}

function isSpec(document: unknown): boolean {
  try {
    return parseWhole(stringify(document), 'lab.yaml').value.name === 'lab';
  } catch {
    return false;
  }
}

describe('the page on the spec file', () => {
  it.each(KEYS.map((key) => [key.path, key] as const))(
    'has an example of %s that a spec takes',
    (path, key) => {
      expect(key.example).toBeDefined();
      expect(key.meaning).not.toBe('');
      const valid = key.documents.filter((document) => isSpec(document));
      expect(valid.map((document) => valueAt(document, path))).toContainEqual(key.example);
    },
  );

  it('shows the same example, as YAML', () => {
    const rows = [...PAGE.matchAll(/^\| `([^`]+)` \| .* \| `([^`]*)` \|$/gm)];
    const shown = new Map(rows.map(([, path = '', example = '']) => [path, example]));
    const expected = new Map(KEYS.toReversed().map(({ path, example }) => [path, example]));
    for (const [path, example] of expected) {
      const text = shown.get(path)?.replaceAll('\\|', '|') ?? '';
      expect(Object.values(Object(parse(text)))).toEqual([example]);
    }
  });

  it('has a line for every upstream, with what is fetched there', () => {
    for (const { name, url, others = [], holds } of SOURCES.flatMap(({ upstreams }) => upstreams)) {
      const addresses = [url, ...others].map((address) => `<${address}>`).join(', ');
      expect(PAGE).toContain(`| \`upstreams.${name}\` | ${addresses} | ${holds} | `);
    }
  });

  it.each([
    ['registries.mirrors.*.endpoint'],
    ['registries.configs.*.tls.insecure_skip_verify'],
    ['files[].sha256'],
    ['charts[].path'],
    ['openshift.channels[].name'],
  ])('knows %s, which lies in a list, a form of two, or under a name', (path) => {
    expect(PAGE.split('\n').filter((line) => line.startsWith(`| \`${path}\` |`))).toHaveLength(1);
  });

  it('says which keys there must be, and what stands for those that are left out', () => {
    expect(PAGE).toMatch(/^\| `rancher\.version` .*; required \|/m);
    expect(PAGE).toMatch(/^\| `openshift\.architecture` .*"amd64" when left out \|/m);
    // Whoever writes "path" needs no "url".
    expect(PAGE).not.toMatch(/^\| `files\[\]\..*required/m);
  });
});
