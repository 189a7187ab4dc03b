import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { streamOf } from '../../../../src/internal/bytes.ts';
import { compareText } from '../../../../src/internal/order.ts';
import { formatReference, parseReference } from '../../../../src/oci/reference.ts';
import { type NamingFile, readNames } from '../../../../src/sources/manifests/reading/read.ts';
import { sampleChart } from '../../../support/samples/sample-chart.ts';

const FOLDER = join(import.meta.dirname, '../../../fixtures/naming');
/** What each file, or folder of a chart, must give. */
const EXPECTED: Readonly<Record<string, Finds>> = JSON.parse(
  readFileSync(join(FOLDER, 'expected.json'), 'utf8'),
);

interface Finds {
  readonly images: readonly string[];
  readonly lookalikes?: readonly string[];
}

function fileAt(path: string): NamingFile {
  const name = path.split('/').at(-1) ?? '';
  const folder = join(FOLDER, path);
  const bytes = path.startsWith('charts/')
    ? sampleChart(
        name,
        '1.0.0',
        Object.fromEntries(
          readdirSync(folder, { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => join(entry.parentPath, entry.name))
            .map((file) => [relative(folder, file), readFileSync(file, 'utf8')]),
        ),
      )
    : readFileSync(folder);
  return { name, open: () => streamOf(bytes) };
}

async function findsIn(path: string): Promise<Required<Finds>> {
  const readings = await Array.fromAsync(readNames([fileAt(path)]));
  const mentions = readings.flatMap((reading) => (reading.type === 'image' ? [reading] : []));
  const isImage = ({ isSure, isLikely }: (typeof mentions)[number]): boolean => isSure || isLikely === true;
  return {
    images: sorted(mentions.filter(isImage).map(({ text }) => full(text))),
    lookalikes: sorted(mentions.filter((mention) => !isImage(mention)).map(({ text }) => text)),
  };
}

function full(text: string): string {
  return formatReference(parseReference(text));
}

function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].toSorted(compareText);
}

describe('of each file of the corpus', () => {
  const counts = { expected: 0, found: 0, right: 0 };

  it.each(Object.keys(EXPECTED))('finds every image, and what looks like one apart: %s', async (path) => {
    const { images, lookalikes = [] } = EXPECTED[path] ?? { images: [] };
    const wanted = sorted(images.map(full));
    const finds = await findsIn(path);
    counts.expected += wanted.length;
    counts.found += finds.images.length;
    counts.right += finds.images.filter((image) => wanted.includes(image)).length;
    expect(wanted.filter((image) => !finds.images.includes(image))).toEqual([]);
    expect(finds).toEqual({ images: wanted, lookalikes: sorted(lookalikes) });
  });

  it('finds all that there is to find', () => {
    const [recall, precision] = [counts.right / counts.expected, counts.right / counts.found];
    process.stdout.write(
      `${Object.keys(EXPECTED).length} files, ${counts.expected} images: recall ${(recall * 100).toFixed(1)} %, precision ${(precision * 100).toFixed(1)} %\n`,
    );
    expect(recall).toBe(1);
  });
});
