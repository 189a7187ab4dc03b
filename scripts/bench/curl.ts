import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cost, measure } from './measure.ts';

/** A blob at a registry. */
export interface RemoteBlob {
  readonly repository: string;
  readonly digest: string;
}

/** Downloads every blob with `curl`, to disk and through `sha256sum`, `parallel` at a time. */
export async function curlFetch(
  registry: string,
  blobs: readonly RemoteBlob[],
  options: { readonly folder: string; readonly parallel: number },
): Promise<Cost> {
  const { folder, parallel } = options;
  const lines = blobs.map(
    ({ repository, digest }) => `${registry}/v2/${repository}/blobs/${digest} ${folder}/${digest.slice(7)}`,
  );
  const script = 'curl -sSf "$1" | tee "$2" | sha256sum | grep -q "$(basename "$2")"';
  return await xargs(lines, { folder, parallel, fields: 2, script, watch: folder });
}

/** Downloads every blob with `curl` and discards it: the registry's maximum rate. */
export async function curlDiscard(
  registry: string,
  blobs: readonly RemoteBlob[],
  options: { readonly folder: string; readonly parallel: number },
): Promise<Cost> {
  const lines = blobs.map(({ repository, digest }) => `${registry}/v2/${repository}/blobs/${digest}`);
  return await xargs(lines, { ...options, fields: 1, script: 'curl -sSf -o /dev/null "$1"' });
}

/** Uploads every file with `curl` into one repository: it opens a session for each, then sends the bytes in one request. */
export async function curlPush(
  registry: string,
  blobs: readonly RemoteBlob[],
  options: { readonly folder: string; readonly parallel: number },
): Promise<Cost> {
  const { folder, parallel } = options;
  const lines = blobs.map(
    ({ repository, digest }) =>
      `${registry}/v2/${repository}/blobs/uploads/ ${folder}/${digest.slice(7)} ${digest}`,
  );
  const script =
    'u=$(curl -sSf -X POST -D - -o /dev/null "$1" | tr -d "\\r" | sed -n "s/^[Ll]ocation: //p"); ' +
    'curl -sSf -o /dev/null -X PUT -H "Content-Type: application/octet-stream" -T "$2" "$u&digest=$3"';
  return await xargs(lines, { folder, parallel, fields: 3, script });
}

async function xargs(
  lines: readonly string[],
  job: {
    readonly folder: string;
    readonly parallel: number;
    readonly fields: number;
    readonly script: string;
    readonly watch?: string;
  },
): Promise<Cost> {
  const list = join(job.folder, '..', 'curl.list');
  writeFileSync(list, `${lines.join('\n')}\n`);
  const command = `set -e; xargs -a ${list} -P ${job.parallel} -n ${job.fields} bash -c 'set -o pipefail; ${job.script}' job`;
  return await measure('bash', ['-c', command], job.watch === undefined ? {} : { watch: job.watch });
}
