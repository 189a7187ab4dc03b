/**
 * A registry of many small images, in a process of its own: `node small-images.ts COUNT`. It prints its host, serves
 * `bench/small-N:v1` of two platforms each, 13 blobs an image, and takes what is pushed to any other repository, of which it keeps
 * only the names. It ends when its stdin does.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import process from 'node:process';
import { smallImage } from './growth/image.ts';

const count = Number(process.argv[2] ?? 100);
const blobs = new Map<string, { readonly type: string; readonly bytes: Uint8Array }>();
const tags = new Map<string, string>();
/** What was pushed: `REPOSITORY DIGEST`, or `REPOSITORY TAG`. */
const pushed = new Map<string, string>();

for (let number = 0; number < count; number += 1) {
  const { contents, root } = smallImage(number);
  for (const { type, bytes, digest } of contents) blobs.set(digest, { type, bytes });
  tags.set(`bench/small-${number} v1`, root);
}

const server = createServer({ keepAliveTimeout: 60_000, noDelay: true }, (request, response) => {
  void answer(request, response);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) console.log(`127.0.0.1:${address.port}`);
});
process.stdin.resume().on('end', () => process.exit());

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://registry');
  const [, repository = '', kind, name = ''] =
    /^\/v2\/(.+?)\/(manifests|blobs\/uploads|blobs)\/(.*)$/.exec(pathname) ?? [];
  if (kind === undefined) return send(response, pathname === '/v2/' ? 200 : 404);
  if (request.method === 'GET' || request.method === 'HEAD') {
    const digest = tags.get(`${repository} ${name}`) ?? pushed.get(`${repository} ${name}`) ?? name;
    const isThere = repository.startsWith('bench/') || pushed.has(`${repository} ${name}`);
    const blob = isThere ? blobs.get(digest) : undefined;
    if (blob === undefined) return send(response, 404);
    const isManifest = kind === 'manifests';
    const headers = {
      'content-type': isManifest ? blob.type : 'application/octet-stream',
      'docker-content-digest': digest,
      'content-length': blob.bytes.length,
    };
    response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : blob.bytes);
    return;
  }
  const hash = createHash('sha256');
  for await (const chunk of request) hash.update(Buffer.from(chunk));
  const digest = `sha256:${hash.digest('hex')}`;
  if (request.method === 'POST')
    return send(response, 202, { location: `/v2/${repository}/blobs/uploads/1` });
  pushed.set(`${repository} ${digest}`, digest);
  pushed.set(`${repository} ${name}`, digest);
  send(response, 201, { 'docker-content-digest': digest, location: `/v2/${repository}/blobs/${digest}` });
}

function send(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-length': 0, ...headers }).end();
}
