import { resolve } from 'node:path';
import type { Receipt } from '../receipts/receipt.ts';
import type { StepResult } from './step.ts';

/** Says of images in a folder that they stay: they share their content, also with images that others put there. */
export function layoutStep({ items }: Receipt, folder: string): StepResult {
  const images = items.filter(({ destination }) => resolve(destination) === folder);
  return {
    actions: images.map(({ kind, name }) => ({
      target: 'embedded',
      kind,
      name,
      destination: folder,
      outcome: 'kept',
    })),
    findings: [
      {
        level: 'warning',
        message: `The images in ${folder} stay: they may share content with others there`,
        hint: 'Remove the folder when nothing serves it any more.',
        about: folder,
      },
    ],
    heirlooms: [],
    settled: [],
  };
}

/** Says of paths outside of all targets that they are left alone. */
export function strayStep(paths: readonly string[]): StepResult {
  const findings = paths.map((path) => ({
    level: 'warning' as const,
    message: `${path} lies at none of the targets of the receipt, and stays`,
    about: path,
  }));
  return { actions: [], findings, heirlooms: [], settled: [] };
}
