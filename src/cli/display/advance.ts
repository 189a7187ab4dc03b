import type { CheckProgress } from '../../bundle/check/check.ts';
import type { Progress } from '../../bundle/write/write.ts';
import type { InstallProgress } from '../../verbs/install.ts';
import type { Advance, Status } from './status.ts';

/** Returns the progress of a build. Bytes left from an earlier run say nothing about the speed of this one. */
export function buildAdvance(progress: Progress): Advance {
  const { fetchedBytes, reusedBytes, totalBytes, doneBlobs, totalBlobs, parity } = progress;
  if (parity !== undefined) return parityAdvance(parity);
  return {
    stage: 'Fetching',
    count: { unit: 'blob', done: doneBlobs, total: totalBlobs },
    bytes: fetchedBytes + reusedBytes,
    movedBytes: fetchedBytes,
    totalBytes,
  };
}

/** Returns the progress of a conversion. */
export function convertAdvance(progress: Progress): Advance {
  return { ...buildAdvance(progress), stage: 'Converting' };
}

/** Returns the progress of a verification. */
export function checkAdvance(progress: CheckProgress): Advance {
  return { stage: 'Verifying', bytes: progress.bytesDone, totalBytes: progress.bytesTotal };
}

/** Returns the progress of a push to a registry. */
export function pushAdvance({ bytesDone, bytesTotal }: CheckProgress): Advance {
  return { stage: 'Pushing', bytes: bytesDone, totalBytes: bytesTotal };
}

/** Returns the progress of a parity file. */
export function parityAdvance({ bytesDone, bytesTotal }: CheckProgress): Advance {
  return { stage: 'Computing parity', bytes: bytesDone, totalBytes: bytesTotal };
}

/** Reports what an install is doing, or its progress. */
export function tellInstall(status: Status, progress: InstallProgress): void {
  switch (progress.phase) {
    case 'verify':
      return status.advance(checkAdvance(progress));
    case 'plan':
      return status.stage(`Looking at what ${progress.target} has`);
    case 'prove':
      return status.stage(`Proving ${progress.target}`);
    case 'apply': {
      const { actionsDone: done, actionsTotal: total, bytesDone: bytes, bytesTotal: totalBytes } = progress;
      return status.advance({ stage: 'Installing', count: { unit: 'item', done, total }, bytes, totalBytes });
    }
  }
}
