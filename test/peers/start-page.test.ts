import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { digestOf } from '../../src/oci/digest.ts';
import { renderStartPage } from '../../src/page/start/start-page.ts';
import { startChromium } from '../support/peers/chromium.ts';
import { faultsOf, keepWords, showPage, type Shown } from '../support/peers/shown-page.ts';

const DESKTOP = { width: 1200, height: 900 };
const PHONE = { width: 360, height: 740 };
/** A4 at 96 dots an inch. */
const PAPER = { width: 794, height: 1123 };
const BUNDLES = [
  { file: 'lab 离线.tar', name: 'lab 离线', root: digestOf('lab') },
  { file: `${'x'.repeat(200)}.tar`, name: '<b onload=alert(1)>"more"', root: digestOf('more') },
];
const COMMANDS = ['.\\bundle.cmd', 'sh bundle', 'sh bundle'].flatMap((start) => [
  `${start} verify "lab 离线.tar"`,
  `${start} install "lab 离线.tar" --dry-run`,
  `${start} install "lab 离线.tar"`,
]);
const LANGUAGES = [
  { id: 'en', lang: 'en', word: 'Copy', copied: 'Copied' },
  { id: 'zh', lang: 'zh-Hans', word: '复制', copied: '已复制' },
] as const;

let folder: string;
let url: string;
let browser: Browser | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'a stick '));
  const path = join(folder, 'START-HERE.html');
  const platforms = ['windows/amd64', 'darwin/arm64', 'linux/amd64'];
  writeFileSync(path, renderStartPage({ bundles: BUNDLES, platforms, program: '0.1.0', node: '24.5.0' }));
  url = pathToFileURL(path).href;
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

async function show(context: TestContext, options: BrowserContextOptions = {}): Promise<Shown> {
  browser ??= await startChromium(context);
  return await showPage(browser, url, { viewport: DESKTOP, ...options });
}

describe('the first page of a stick in a browser', () => {
  it('loads nothing but itself, and nothing in it is refused by its own policy', async (context) => {
    await using shown = await show(context);
    expect(shown.requests).toEqual([url]);
    expect(shown.messages).toEqual([]);
    expect(await shown.page.title()).toBe(`${BUNDLES.map(({ name }) => name).join(', ')} · Saddlebag`);
    expect(await shown.page.evaluate('document.styleSheets.length')).toBe(1);
  });

  it.for(LANGUAGES)('says everything in %j, a link from the top', async ({ id, lang }, context) => {
    await using shown = await show(context);
    const { page } = shown;
    await page.locator(`nav a[lang="${lang}"]`).click();
    expect(new URL(page.url()).hash).toBe(`#${id}`);
    const part = page.locator(`#${id}[lang="${lang}"]`);
    expect(await part.isVisible()).toBe(true);
    expect(await part.locator('pre').allTextContents()).toEqual(COMMANDS);
    for (const { root } of BUNDLES)
      expect(await part.getByText(root, { exact: true }).isVisible()).toBe(true);
  });

  it.for(LANGUAGES)('copies what is beside each button, in %j', async ({ id, word, copied }, context) => {
    await using shown = await show(context);
    const { page, messages } = shown;
    await keepWords(page);
    const buttons = page.locator(`#${id} button.copy`);
    expect(await buttons.count()).toBe(BUNDLES.length + COMMANDS.length);
    const pasted: string[] = [];
    await page.evaluate(
      `document.body.append(Object.assign(document.createElement('textarea'), { id: 'paste' }))`,
    );
    for (const button of await buttons.all()) {
      expect(await button.locator('span').first().textContent()).toBe(word);
      await button.click();
      await button.getByText(copied, { exact: true }).waitFor();
      expect(await page.locator('#copied').textContent()).toBe(copied);
      pasted.push(await paste(page));
    }
    expect(pasted).toEqual([...BUNDLES.map(({ root }) => root), ...COMMANDS]);
    expect(messages).toEqual([]);
  });

  it.for([
    ['a phone', PHONE, 'screen'],
    ['a desktop', DESKTOP, 'screen'],
    ['paper', PAPER, 'print'],
  ] as const)('is never wider than %s', async ([, viewport, media], context) => {
    await using shown = await show(context, { viewport });
    const { page } = shown;
    await page.emulateMedia({ media });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
    expect(await page.evaluate(CUT)).toEqual([]);
  });

  it('is printed whole, without what one cannot press on paper', async (context) => {
    await using shown = await show(context);
    const { page } = shown;
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('button:visible, nav:visible').count()).toBe(0);
    expect(await page.locator('pre:visible').count()).toBe(2 * COMMANDS.length);
    expect((await page.pdf({ format: 'A4' })).subarray(0, 5).toString('latin1')).toBe('%PDF-');
  });

  it('has everything but the buttons without scripts', async (context) => {
    await using shown = await show(context, { javaScriptEnabled: false });
    expect(await shown.page.locator('pre:visible').count()).toBe(2 * COMMANDS.length);
    expect(await shown.page.getByRole('button').count()).toBe(0);
  });

  it.for([
    ['a desktop', 'light', DESKTOP],
    ['a phone', 'dark', PHONE],
  ] as const)(
    'has no fault that axe knows of, on %s in the %s',
    async ([, colorScheme, viewport], context) => {
      await using shown = await show(context, { colorScheme, viewport });
      expect(await faultsOf(shown.page)).toEqual([]);
    },
  );
});

/** Whatever is wider inside than it is shown: its end cannot be read. */
const CUT = `[...document.querySelectorAll('pre, code, h1, h2, h3, p, .card, .command')]
  .filter((each) => each.clientWidth > 1 && each.scrollWidth > each.clientWidth)
  .map((each) => each.outerHTML)`;

async function paste(page: Page): Promise<string> {
  const area = page.locator('#paste');
  await area.fill('');
  await area.focus();
  await page.keyboard.press('Control+V');
  return await area.inputValue();
}
