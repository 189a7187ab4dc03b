import type { CheckProgress } from '../../../bundle/check/check.ts';
import type { BuildProgress } from '../../../verbs/build.ts';
import type { ConvertProgress } from '../../../verbs/convert.ts';
import type { InstallProgress } from '../../../verbs/install.ts';
import type { KitProgress } from '../../../verbs/kit.ts';
import type { ParityProgress } from '../../../verbs/parity.ts';
import type { RepairProgress } from '../../../verbs/repair.ts';
import type { ResolvingProgress } from '../../../verbs/lock.ts';
import type { Stage } from './stage.ts';
import type { Advance, Status } from './status.ts';

/** Reports the progress of a build or a conversion. */
export function tellBuild(status: Status, progress: BuildProgress | ConvertProgress): void {
  switch (progress.phase) {
    case 'resolve':
      return status.advance(resolveAdvance(progress));
    case 'fetch-kit':
    case 'write-kit':
      return status.advance(kitAdvance(progress));
    case 'fetch':
    case 'convert':
      return status.advance(writeAdvance(progress));
  }
}

/** Bytes left from an earlier run say nothing about the speed of this one. */
function writeAdvance(
  progress: Extract<BuildProgress | ConvertProgress, { phase: 'fetch' | 'convert' }>,
): Advance {
  const { phase, fetchedBytes, reusedBytes, totalBytes, doneBlobs, totalBlobs, parity, underWay } = progress;
  if (parity !== undefined) return checkAdvance('parity', parity);
  return {
    stage: phase,
    count: { unit: 'blob', done: doneBlobs, total: totalBlobs },
    bytes: fetchedBytes + reusedBytes,
    movedBytes: fetchedBytes,
    totalBytes,
    underWay,
  };
}

/** Returns the progress of resolving a spec. */
export function resolveAdvance({ done, total, readBytes, underWay }: ResolvingProgress): Advance {
  return {
    stage: 'resolve',
    count: { done, total },
    bytes: readBytes,
    underWay: underWay.map((name) => ({ name })),
  };
}

/** Returns the progress of a kit. */
export function kitAdvance(progress: KitProgress): Advance {
  const { phase, done, total, bytesDone, bytesTotal, underWay } = progress;
  const unit = phase === 'fetch-kit' ? 'runtime' : 'file';
  return {
    stage: phase,
    count: { unit, done, total },
    bytes: bytesDone,
    totalBytes: bytesTotal,
    underWay: underWay === undefined ? [] : [{ name: underWay }],
  };
}

/** Returns the progress of something that is read from end to end. */
export function checkAdvance(stage: Stage, { bytesDone, bytesTotal }: CheckProgress): Advance {
  return { stage, bytes: bytesDone, totalBytes: bytesTotal };
}

/** Returns the progress of a parity file, or of a repair: what they check and what they write. */
export function phaseAdvance(progress: ParityProgress | RepairProgress): Advance {
  return checkAdvance(progress.phase, progress);
}

/** Reports what an install is doing, or its progress. */
export function tellInstall(status: Status, progress: InstallProgress): void {
  switch (progress.phase) {
    case 'verify':
      return status.advance(checkAdvance('verify', progress));
    case 'plan':
    case 'prove':
      return status.stage(progress.phase, progress.target);
    case 'apply': {
      const { actionsDone: done, actionsTotal: total, bytesDone, bytesTotal, underWay } = progress;
      const count = { unit: 'item', done, total };
      return status.advance({ stage: 'install', count, bytes: bytesDone, totalBytes: bytesTotal, underWay });
    }
  }
}
