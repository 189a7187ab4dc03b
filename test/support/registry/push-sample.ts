import type { SampleContent, SampleImage } from '../samples/sample-image.ts';

/** A registry by its URL, and what to send along, such as `authorization`. */
export interface PushTarget {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Pushes an image by plain HTTP, with nothing of the code under test, to any registry. */
export async function pushSample(
  target: PushTarget,
  repository: string,
  image: SampleImage,
  tag: string,
): Promise<void> {
  for (const blob of image.blobs) await pushBlob(target, repository, blob);
  for (const { descriptor, bytes } of image.manifests) {
    const isRoot = descriptor.digest === image.root.digest;
    await send(target, 'PUT', `/v2/${repository}/manifests/${isRoot ? tag : descriptor.digest}`, {
      body: bytes,
      type: descriptor.mediaType,
    });
  }
}

async function pushBlob(target: PushTarget, repository: string, blob: SampleContent): Promise<void> {
  const started = await send(target, 'POST', `/v2/${repository}/blobs/uploads/`);
  const location = new URL(started.headers.get('location') ?? '', target.url);
  location.searchParams.set('digest', blob.descriptor.digest);
  await send(target, 'PUT', location.href, { body: blob.bytes, type: 'application/octet-stream' });
}

async function send(
  target: PushTarget,
  method: string,
  path: string,
  content?: { readonly body: Uint8Array; readonly type: string },
): Promise<Response> {
  const response = await fetch(new URL(path, target.url), {
    method,
    headers: {
      ...target.headers,
      ...(content === undefined ? {} : { 'content-type': content.type }),
    },
    ...(content === undefined ? {} : { body: Buffer.from(content.body) }),
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`Cannot push sample: ${method} ${path} answered ${response.status}: ${text}`);
  return response;
}
