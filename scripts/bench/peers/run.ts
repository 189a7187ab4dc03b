import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cost, measure } from '../measure.ts';
import type { Peer } from './programs.ts';

/** What a peer works on. */
export interface PeerJob {
  /** With tags, at the registry that they are fetched from. */
  readonly references: readonly string[];
  /** Where `fetch` puts the images, and `push` finds them. */
  readonly folder: string;
  /** Images at a time; each program has its own number of layers on top. */
  readonly parallel: number;
}

/** Lets a peer fetch all images into an empty folder and sync them, as ours does. */
export async function fetchWith(peer: Peer, job: PeerJob): Promise<Cost> {
  rmSync(job.folder, { recursive: true, force: true });
  mkdirSync(job.folder, { recursive: true });
  return await measure('bash', ['-c', `${linesFor(peer.fetch, peer, job)} && sync -f "${job.folder}"`]);
}

/** Lets a peer send all images that it fetched to the registry of a host. */
export async function pushWith(peer: Peer, host: string, job: PeerJob): Promise<Cost> {
  return await measure('bash', ['-c', linesFor(peer.push, peer, job)], { env: { HOST: host } });
}

function linesFor(script: string, peer: Peer, { references, folder, parallel }: PeerJob): string {
  const list = `${folder}.list`;
  if (peer.isWhole === true) {
    writeFileSync(list, `${references.join('\n')}\n`);
    return `bash -c 'set -e; ${script}' job "${list}" "${join(folder, 'all')}" >&2`;
  }
  writeFileSync(list, references.map((name, index) => `${name} ${join(folder, String(index))}\n`).join(''));
  return `xargs -a "${list}" -P ${parallel} -n 2 bash -c 'set -e; ${script}' job >&2`;
}
