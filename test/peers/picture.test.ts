import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { startChromium } from '../support/peers/chromium.ts';

const PICTURE = join(import.meta.dirname, '../../docs/quickstart.svg');

let browser: Browser | undefined;
afterAll(async () => await browser?.close());

/** A line of the picture as the browser lays it out. */
interface Line {
  readonly text: string;
  /** Where each of its characters begins, from the start of the line, in widths of a character. */
  readonly columns: readonly number[];
  /** How far it sticks out of the picture. */
  readonly excess: number;
}

const MEASURE = `(() => {
  const width = document.documentElement.viewBox.baseVal.width;
  const lines = [...document.querySelectorAll('text')].filter(({ textContent }) => textContent !== '');
  return lines.map((line) => {
    const text = line.textContent;
    const starts = [...Array(line.getNumberOfChars()).keys()].map((at) => line.getStartPositionOfChar(at).x);
    const one = (starts.at(-1) - starts[0]) / (starts.length - 1 || 1);
    const box = line.getBBox();
    return { text, columns: starts.map((x) => (x - starts[0]) / one), excess: box.x + box.width - width };
  });
})()`;

async function measure(context: TestContext): Promise<readonly Line[]> {
  browser ??= await startChromium(context);
  const page = await browser.newPage();
  await page.goto(pathToFileURL(PICTURE).href);
  return await page.evaluate(MEASURE);
}

describe('the picture in the README', () => {
  it('keeps every column and indent in a browser, and every line in its frame', async (context) => {
    const lines = await measure(context);
    expect(lines.length).toBeGreaterThan(20);
    // Another font may have to draw what is not ASCII, in another width.
    const plain = lines.filter(({ text }) => /^[\u00a0 -~]+$/.test(text));
    expect(plain.filter(({ text }) => /[\u00a0 ]{2}/.test(text)).length).toBeGreaterThan(10);
    const astray = plain.filter(
      ({ text, columns }) =>
        columns.length !== text.length || columns.some((column, index) => Math.abs(column - index) > 0.1),
    );
    expect(astray.map(({ text }) => text)).toEqual([]);
    expect(lines.filter(({ excess }) => excess > 0).map(({ text }) => text)).toEqual([]);
  });

  it('counts on no blank that a renderer may drop', () => {
    const texts = [...readFileSync(PICTURE, 'utf8').matchAll(/<text [^>]*>([^<]*)<\/text>/g)];
    expect(texts.length).toBeGreaterThan(20);
    expect(texts.filter(([, text = '']) => text.includes(' '))).toEqual([]);
  });
});
