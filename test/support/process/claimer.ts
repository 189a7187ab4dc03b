import { claimOutput } from '../../../src/disk/sharing/claim.ts';
import { isSaddlebagError } from '../../../src/internal/error.ts';

/** A program that claims its first argument, says `held` or `busy`, and holds on until its input ends. */
export const CLAIMER: string = import.meta.filename;

if (import.meta.main) await claim(process.argv[2] ?? '');

async function claim(path: string): Promise<void> {
  try {
    await using _claim = await claimOutput(path);
    process.stdout.write('held\n');
    for await (const _ of process.stdin);
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_OUTPUT_UNWRITABLE')) throw error;
    process.stdout.write('busy\n');
  }
}
