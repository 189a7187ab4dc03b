import { createHash } from 'node:crypto';
import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Overview, OverviewItem } from '../../src/page/overview.ts';
import { renderPage } from '../../src/page/page.ts';
import { POLICY } from '../../src/page/policy.ts';
import { overviewFile, overviewItem, sampleOverview } from '../support/samples/sample-overview.ts';

const ORIGIN = 'http://bundle.lab:5000';

describe('the page', () => {
  const overview = sampleOverview();
  const page = renderPage(overview, { origin: ORIGIN });

  it('lists every item and file with size and checksum', () => {
    for (const item of overview.items) {
      expect(page).toContain(item.name);
      for (const { name, digest, path } of item.files ?? []) {
        expect(page).toContain(
          path === undefined ? `<bdi>${name}</bdi>` : `<a href="${path}"><bdi>${name}</bdi></a>`,
        );
        expect(page).toContain(digest);
      }
    }
    expect(page).toContain('linux/amd64, linux/arm64');
    expect(page).toContain('2.9 MiB');
    expect(page).toContain('1.5 KiB');
  });

  it('has the root digest of each bundle, and says of a layout that it has none', () => {
    const layout = { name: '/srv/secret/layout', type: 'layout', file: 'layout', bytes: 7 } as const;
    const both = renderPage({ ...overview, holdings: [...overview.holdings, layout] }, { origin: ORIGIN });
    expect(both).toContain(overview.holdings[0]?.root);
    expect(both).toContain('it has no root digest');
    expect(both).not.toContain('/srv/secret');
  });

  it('is a function of what is served and how it was asked for', () => {
    expect(renderPage(sampleOverview(), { origin: ORIGIN })).toBe(page);
    expect(renderPage(overview, { origin: 'https://other' })).not.toBe(page);
  });

  it('asks for nothing: all of its addresses are paths of this server, fragments or data', () => {
    const addresses = [...page.matchAll(/\s(?:href|src|action|data|poster|srcset)="([^"]*)"/g)].map(
      ([, address = '']) => address,
    );
    expect(addresses.length).toBeGreaterThan(8);
    expect(addresses.filter((address) => !/^(?:\/[^/]|#|data:image\/svg)/.test(address))).toEqual([]);
    expect(page).not.toMatch(/@import|url\(|<iframe|<object|<embed|<base|\son[a-z]+=|\sstyle="/i);
  });

  it('has a policy that allows its own style and script by their hashes, and nothing else', () => {
    const hashes = ['style', 'script'].map((tag) => {
      const content = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(page)?.[1] ?? '';
      return `${tag}-src 'sha256-${createHash('sha256').update(content).digest('base64')}'`;
    });
    for (const hash of hashes) expect(POLICY).toContain(hash);
    expect(POLICY).toMatch(/^default-src 'none';/);
    expect(POLICY).not.toMatch(/unsafe|\*|https?:/);
  });

  it('has a name for every number of items', () => {
    expect(renderPage(sampleOverview([]), { origin: ORIGIN })).toContain('0 items');
    const one = sampleOverview([overviewItem('file', 'a', { files: [overviewFile('a', '/files/a')] })]);
    expect(renderPage(one, { origin: ORIGIN })).toContain('data-all="1 item"');
  });
});

describe('hostile names', () => {
  const HOSTILE = [
    '</script><script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    '</style><svg onload=alert(1)>',
    '<!--',
    '${alert(1)}',
    '\u202egnp.exe',
    '$&$1$`',
    'a\u0000b',
  ];

  it.each(HOSTILE)('%j are shown as text', (name) => {
    const page = renderPage(overviewOf(name), { origin: ORIGIN });
    expect(tagsOf(page)).toEqual(tagsOf(renderPage(overviewOf('a b'), { origin: ORIGIN })));
    for (const unseen of ['\u0000', '\u202e']) expect(page).not.toContain(unseen);
  });

  it('never change what the page is made of', () => {
    const usual = tagsOf(renderPage(overviewOf('a b'), { origin: ORIGIN }));
    // A blank keeps them out of the commands, which are another test's.
    const names = string({ unit: 'binary' }).map((text) => `${text} `);
    assert(
      property(names, (name) => {
        expect(tagsOf(renderPage(overviewOf(name), { origin: ORIGIN }))).toEqual(usual);
      }),
      { numRuns: 50 },
    );
  });

  it.each(['http://x"><script>', 'http://a b', "http://'", 'javascript:alert(1)'])(
    'a host like %j is not repeated',
    (origin) => {
      const page = renderPage(sampleOverview(), { origin });
      expect(page).toContain('Put the name of this server in place of <code>SERVER:5000</code>');
      expect(page).not.toContain(origin);
    },
  );

  function overviewOf(name: string): Overview {
    const file = overviewFile(name, `/files/${encodeURIComponent(name.toWellFormed())}`);
    const kinds: readonly OverviewItem['kind'][] = ['image', 'k3s', 'kubectl', 'chart', 'file', 'signature'];
    const items = kinds.map((kind) => overviewItem(kind, name, { files: [file, file], platforms: [name] }));
    const { holdings } = sampleOverview();
    return { holdings: holdings.map((holding) => ({ ...holding, name, file: name })), items };
  }

  function tagsOf(page: string): readonly string[] {
    return [...page.matchAll(/<[!/]?[A-Za-z-]+[^>]*/g)].map(([tag]) => tag.replace(/"[^"]*"/g, '""'));
  }
});
