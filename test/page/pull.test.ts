import { describe, expect, it } from 'vitest';
import { renderPage } from '../../src/page/page.ts';
import { overviewItem, sampleOverview } from '../support/samples/sample-overview.ts';

const PLAIN = 'http://bundle.lab:5000';

describe('the lines that pull an image', () => {
  it('are made from the address that the visitor used, for each program', () => {
    expect(linesOf({ origin: PLAIN })).toEqual([
      'docker pull bundle.lab:5000/NAME',
      'podman pull --tls-verify=false bundle.lab:5000/NAME',
      'nerdctl --insecure-registry pull bundle.lab:5000/NAME',
      'sudo ctr images pull --plain-http bundle.lab:5000/NAME',
      'skopeo copy --src-tls-verify=false docker://bundle.lab:5000/NAME oci-archive:image.tar',
    ]);
  });

  it('have no word of plain HTTP where there is TLS', () => {
    expect(linesOf({ origin: 'https://bundle.lab' })).toEqual([
      'docker pull bundle.lab/NAME',
      'podman pull bundle.lab/NAME',
      'nerdctl pull bundle.lab/NAME',
      'sudo ctr images pull bundle.lab/NAME',
      'skopeo copy docker://bundle.lab/NAME oci-archive:image.tar',
    ]);
  });

  it('are the same for the script and for those without', () => {
    for (const hasPassword of [true, false]) {
      const page = renderPage(sampleOverview(), { origin: PLAIN, hasPassword });
      const options = [...page.matchAll(/data-before="([^"]*)" data-after="([^"]*)"/g)];
      expect(options.map(([, before, after]) => `${before}NAME${after}`)).toEqual(
        linesOf({ origin: PLAIN, hasPassword }),
      );
    }
  });

  it('say how to log in where a password is asked for', () => {
    const page = renderPage(sampleOverview(), { origin: PLAIN, hasPassword: true });
    expect(page).toContain('<code>docker login bundle.lab:5000</code>');
    expect(linesOf({ origin: PLAIN, hasPassword: true })[3]).toContain('-u USER');
  });

  it.each([
    ['docker.io/rancher/rancher:v2.9.2', 'rancher/rancher:v2.9.2'],
    ['quay.io/a/b:1', 'quay.io/a/b:1'],
    ['lab:5000/a/b:1', 'lab-5000/a/b:1'],
    [`ghcr.io/a/b@sha256:${'0'.repeat(64)}`, `ghcr.io/a/b@sha256:${'0'.repeat(64)}`],
  ])('end in the name that %s has here', (name, here) => {
    expect(namesHere(name)).toEqual([here]);
  });

  it.each(['a b', "x';reboot", '$(reboot)', '-x/y:1', 'not a reference'])('are not there for %j', (name) => {
    expect(namesHere(name)).toEqual([]);
    expect(pageOf(name)).not.toContain('id="pull"');
  });
});

function pageOf(name: string): string {
  return renderPage(sampleOverview([overviewItem('image', name, { platforms: ['linux/amd64'] })]), {
    origin: PLAIN,
  });
}

function namesHere(name: string): readonly string[] {
  return [...pageOf(name).matchAll(/class="pull"><code>([^<]*)</g)].map(([, here = '']) => here);
}

function linesOf(options: { readonly origin: string; readonly hasPassword?: boolean }): readonly string[] {
  const page = renderPage(sampleOverview(), options);
  return [...page.matchAll(/<li><code>([^<]*NAME[^<]*)</g)].map(([, line = '']) => line);
}
