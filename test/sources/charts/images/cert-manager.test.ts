import { describe, expect, it } from 'vitest';
import { certManagerImages } from '../../../../src/sources/charts/images/cert-manager.ts';
import { findChartImages } from '../../../../src/sources/charts/images/find.ts';
import { decodeChartYaml } from '../../../../src/sources/charts/metadata.ts';

const HOME = 'quay.io/jetstack/cert-manager';

describe('the images of cert-manager', () => {
  it.each([
    ['v0.12.0', ['cainjector', 'controller', 'webhook']],
    ['v1.4.4', ['cainjector', 'controller', 'webhook']],
    ['v1.5.0', ['cainjector', 'controller', 'webhook', 'ctl']],
    ['v1.13.6', ['cainjector', 'controller', 'webhook', 'ctl']],
    ['v1.14.0', ['cainjector', 'controller', 'webhook', 'startupapicheck']],
    ['1.20.0', ['cainjector', 'controller', 'webhook', 'startupapicheck']],
  ])('of %s are its components and the acmesolver', (version, components) => {
    const tag = `v${version.replace(/^v/, '')}`;
    expect(certManagerImages(version)).toEqual(
      [...components, 'acmesolver'].map((component) => `${HOME}-${component}:${tag}`),
    );
  });
});

/** The shapes that the values of its chart have had, as far as images go. */
const SHAPES: Readonly<Record<string, string>> = {
  'v0.12.0': 'image: { repository: quay.io/jetstack/cert-manager-controller, pullPolicy: IfNotPresent }\n',
  'v1.4.4':
    'image: { repository: quay.io/jetstack/cert-manager-controller }\nwebhook: { image: { repository: quay.io/jetstack/cert-manager-webhook } }\n',
  'v1.5.0':
    'image: { repository: quay.io/jetstack/cert-manager-controller }\nstartupapicheck: { image: { repository: quay.io/jetstack/cert-manager-ctl } }\n',
  'v1.11.0':
    'image: { repository: quay.io/jetstack/cert-manager-controller }\nacmesolver: { image: { repository: quay.io/jetstack/cert-manager-acmesolver } }\n',
  'v1.14.0':
    'image: { repository: quay.io/jetstack/cert-manager-controller }\nacmesolver: { image: { repository: quay.io/jetstack/cert-manager-acmesolver, pullPolicy: IfNotPresent } }\n',
  'v1.20.0':
    'imageRegistry: quay.io\nimageNamespace: jetstack\nimage: { repository: "", name: cert-manager-controller }\nacmesolver: { image: { repository: "", name: cert-manager-acmesolver } }\n',
};

describe('the chart of cert-manager', () => {
  it.each(Object.keys(SHAPES))('%s names its controller and gives the acmesolver', (version) => {
    const chart = decodeChartYaml(
      `name: cert-manager\nversion: ${version}\nappVersion: ${version}\n`,
      'chart',
    );
    const texts = new Map([['values.yaml', SHAPES[version] ?? '']]);
    const images = findChartImages(chart, texts).images.map(({ name }) => name);
    expect(images).toContain(`${HOME}-controller:${version}`);
    expect(images).toContain(`${HOME}-acmesolver:${version}`);
  });

  it('of another name gives no acmesolver', () => {
    const chart = decodeChartYaml('name: app\nversion: 1.0.0\nappVersion: 1.0.0\n', 'chart');
    expect(findChartImages(chart, new Map()).images).toEqual([]);
  });
});
