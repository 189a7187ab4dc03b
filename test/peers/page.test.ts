import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { startChromium } from '../support/peers/chromium.ts';
import { faultsOf, keepWords, type Shown, showPage } from '../support/peers/shown-page.ts';
import { plannedChart } from '../support/planned/chart.ts';
import { plannedImage } from '../support/planned/items.ts';
import { type Serving, startServing } from '../support/sites/serving.ts';
import { fileSample, k3sSample, kubectlSample } from '../support/samples/target-samples.ts';

const LONG = `docker.io/rancher/${'x'.repeat(200)}:${'9'.repeat(120)}`;
const SAMPLES = [
  plannedImage('docker.io/rancher/rancher:v2.9.2', { platforms: ['linux/amd64', 'linux/arm64'] }),
  plannedImage('quay.io/jetstack/cert-manager-controller:v1.15.3'),
  plannedImage(LONG),
  k3sSample('v1.30.6+k3s1'),
  kubectlSample('1.30.6', 'linux/amd64'),
  plannedChart('charts.jetstack.io/cert-manager:v1.15.3', 'cert-manager', 'v1.15.3'),
  fileSample('tool.tar.gz'),
];
const DESKTOP = { width: 1200, height: 900 };
const PHONE = { width: 360, height: 740 };

let serving: Serving;
let browser: Browser | undefined;
beforeAll(async () => {
  serving = await startServing({ bundles: [SAMPLES] });
});
afterAll(async () => {
  await browser?.close();
  await serving[Symbol.asyncDispose]();
});

describe('the page in a browser', () => {
  it('loads with one request, and nothing in it is refused by its own policy', async (context) => {
    await using shown = await show(context);
    expect(shown.requests).toEqual([`${serving.url}/`]);
    expect(shown.messages).toEqual([]);
    expect(await shown.page.title()).toBe('lab · Saddlebag');
  });

  it('narrows the list while one types, and says how many are left', async (context) => {
    await using shown = await show(context);
    const { page } = shown;
    const [search, count] = [page.getByRole('searchbox'), page.locator('#count')];
    expect(await count.textContent()).toBe('7 items');
    await search.fill('JETSTACK amd64');
    expect(await visibleItems(page)).toEqual(['quay.io/jetstack/cert-manager-controller:v1.15.3']);
    expect(await count.textContent()).toBe('1 of 7 items');
    expect(await page.getByRole('heading', { name: 'Images 1 of 3' }).isVisible()).toBe(true);
    expect(await page.getByRole('heading', { name: 'K3s releases' }).isVisible()).toBe(false);
    await search.fill('airgap-images');
    expect(await visibleItems(page)).toEqual(['v1.30.6+k3s1']);
    await search.fill('no such thing');
    expect(await visibleItems(page)).toEqual([]);
    expect(await count.textContent()).toBe('0 of 7 items');
    await search.press('Escape');
    expect(await visibleItems(page)).toHaveLength(7);
    expect(await page.getByRole('heading', { name: 'Images 3', exact: true }).isVisible()).toBe(true);
    expect(await count.getAttribute('aria-live')).toBe('polite');
  });

  it('copies, also where plain HTTP keeps the clipboard from it', async (context) => {
    const port = new URL(serving.url).port;
    await using shown = await show(context, {}, `http://bundle.lab:${port}/`);
    const { page } = shown;
    expect(await page.evaluate('isSecureContext')).toBe(false);
    await keepWords(page);
    await page.getByRole('button', { name: 'Copy the root digest of lab' }).click();
    await page.locator('#copied', { hasText: 'Copied to the clipboard' }).waitFor({ state: 'attached' });
    await page.getByRole('searchbox').focus();
    await page.keyboard.press('Control+V');
    expect(await page.getByRole('searchbox').inputValue()).toBe(serving.bundle.plan.root);
    expect(await page.locator('#kuberlr pre').first().textContent()).toContain(`http://bundle.lab:${port}`);
  });

  it('has the line that pulls each image, for the program one chooses, and copies it', async (context) => {
    const host = `bundle.lab:${new URL(serving.url).port}`;
    await using shown = await show(context, {}, `http://${host}/`);
    const { page } = shown;
    const lineOf = async (name: string): Promise<string | null> =>
      await page.locator('tbody[data-item]', { hasText: name }).locator('.pull code').textContent();
    const images = ['docker.io/rancher/rancher:v2.9.2', 'quay.io/jetstack/cert-manager-controller:v1.15.3'];
    expect(await page.locator('.pull code').count()).toBe(3);
    expect(await Promise.all(images.map(lineOf))).toEqual([
      `docker pull ${host}/rancher/rancher:v2.9.2`,
      `docker pull ${host}/quay.io/jetstack/cert-manager-controller:v1.15.3`,
    ]);
    await page.getByRole('combobox').selectOption('skopeo');
    const line = `skopeo copy --src-tls-verify=false docker://${host}/rancher/rancher:v2.9.2 oci-archive:image.tar`;
    expect(await lineOf('docker.io/rancher/rancher:v2.9.2')).toBe(line);
    await keepWords(page);
    await page
      .getByRole('button', { name: 'Copy the line that pulls docker.io/rancher/rancher:v2.9.2' })
      .click();
    await page.locator('#copied', { hasText: 'Copied to the clipboard' }).waitFor({ state: 'attached' });
    const search = page.getByRole('searchbox');
    await search.focus();
    await page.keyboard.press('Control+V');
    expect(await search.inputValue()).toBe(line);
    // The words of the line are not searched, or every image would be found.
    await search.fill('skopeo');
    expect(await visibleItems(page)).toEqual([]);
    expect(shown.messages).toEqual([]);
  });

  it('is all reached by the keyboard, and shows where one is', async (context) => {
    await using shown = await show(context);
    const { page } = shown;
    await openAll(page);
    const expected = await page.evaluate(
      `document.querySelectorAll('a, button, summary, input, select').length`,
    );
    const seen: unknown[] = [];
    for (;;) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(FOCUSED);
      if (at === null) break;
      seen.push(at);
      if (seen.length > Number(expected)) break;
    }
    expect(seen).toHaveLength(Number(expected));
    expect(new Set(seen)).toEqual(new Set([...seen.keys()].map((index) => `${index} seen`)));
  });

  it('opens commands and follows the links to its parts by the keyboard', async (context) => {
    await using shown = await show(context);
    const { page } = shown;
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(new URL(page.url()).hash).toBe('#contents');
    await page.locator('#docker summary').focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('#docker pre').first().isVisible()).toBe(true);
  });

  it.for([
    ['a desktop', 'light', DESKTOP],
    ['a desktop', 'dark', DESKTOP],
    ['a phone', 'light', PHONE],
    ['a phone', 'dark', PHONE],
  ] as const)(
    'has no fault that axe knows of, on %s in the %s',
    async ([, colorScheme, viewport], context) => {
      await using shown = await show(context, { colorScheme, viewport });
      const { page } = shown;
      await openAll(page);
      expect(await faultsOf(page)).toEqual([]);
    },
  );

  it('is light or dark as one likes it', async (context) => {
    const colors: unknown[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await using shown = await show(context, { colorScheme });
      const { page } = shown;
      colors.push(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
    }
    expect(colors).toEqual(['rgb(250, 248, 245)', 'rgb(22, 24, 27)']);
  });

  it('is never wider than a phone', async (context) => {
    await using shown = await show(context, { viewport: PHONE });
    const { page } = shown;
    await openAll(page);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(await page.getByText(LONG).first().isVisible()).toBe(true);
  });

  it('has everything without any script but what needs one', async (context) => {
    await using shown = await show(context, { javaScriptEnabled: false });
    const { page } = shown;
    expect(await page.locator('tbody[data-item]:visible').count()).toBe(7);
    expect(await page.getByRole('searchbox').count()).toBe(0);
    expect(await page.getByRole('button').count()).toBe(0);
    expect(await page.getByRole('combobox').count()).toBe(0);
    expect(await page.locator('.pull code').first().textContent()).toBe('rancher/rancher:v2.9.2');
    expect(await page.locator('#pull li:visible').first().textContent()).toBe(
      `docker pull ${new URL(serving.url).host}/NAME`,
    );
    await page.locator('#k3s-images summary').click();
    expect(await page.locator('#k3s-images pre').first().isVisible()).toBe(true);
  });

  it('is a set of tables to those who listen, on a phone too', async (context) => {
    await using shown = await show(context, { viewport: PHONE });
    const { page } = shown;
    const table = page.getByRole('table', { name: 'Images' });
    expect(await table.getByRole('columnheader').allTextContents()).toEqual([
      'Name',
      'Platforms',
      'Size',
      'Checksum',
    ]);
    expect(await table.getByRole('rowheader').count()).toBe(3);
    expect(await page.getByRole('navigation').count()).toBe(1);
    expect(await page.getByRole('main').count()).toBe(1);
  });
});

/** Marks what has the focus, and tells whether one sees that; `null` when the end of the page is reached. */
const FOCUSED = `(() => {
  const at = document.activeElement;
  if (at === null || at === document.body) return null;
  window.reached ??= [];
  const isSeen = getComputedStyle(at).outlineStyle !== 'none' && at.getClientRects().length > 0;
  const isNew = !window.reached.includes(at);
  window.reached.push(at);
  return (window.reached.length - 1) + (isSeen && isNew ? ' seen' : ' ' + at.outerHTML);
})()`;

async function show(
  context: TestContext,
  options: BrowserContextOptions = {},
  url = `${serving.url}/`,
): Promise<Shown> {
  browser ??= await startChromium(context);
  return await showPage(browser, url, { viewport: DESKTOP, ...options });
}

async function openAll(page: Page): Promise<void> {
  await page.evaluate(`for (const each of document.querySelectorAll('details')) each.open = true`);
}

async function visibleItems(page: Page): Promise<readonly string[]> {
  return await page.locator('tbody[data-item]:visible tr:first-child th').allTextContents();
}
