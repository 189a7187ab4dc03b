import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';

/** A page in a window of its own, with what it asked for and all that its console and its scripts said. */
export interface Shown extends AsyncDisposable {
  readonly page: Page;
  readonly requests: readonly string[];
  readonly messages: readonly string[];
}

/** Opens a page; dispose of it to close its window. */
export async function showPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions,
): Promise<Shown> {
  const window = await browser.newContext(options);
  const page = await window.newPage();
  const [requests, messages]: [string[], string[]] = [[], []];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => messages.push(message.text()));
  page.on('pageerror', (error) => messages.push(error.message));
  await page.goto(url);
  return { page, requests, messages, [Symbol.asyncDispose]: () => window.close() };
}

/** Lets what a button says once it has copied stand, so that it is still there when a busy machine gets to reading it. */
export async function keepWords(page: Page): Promise<void> {
  await page.evaluate('window.setTimeout = () => 0');
}

/** Returns every fault that axe finds in a page, and whatever it is not sure of. */
export async function faultsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const report = await page.evaluate(`axe.run(document, { resultTypes: ['violations', 'incomplete'] })`);
  const { violations, incomplete, passes } = Object(report);
  // Whatever else it looked at, contrast is what colours are about.
  expect(passes).toContainEqual(expect.objectContaining({ id: 'color-contrast' }));
  return [violations, incomplete].flat().map((fault: unknown) => JSON.stringify(fault).slice(0, 1500));
}
