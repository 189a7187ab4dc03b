import {
  appendFileSync,
  chmodSync,
  readFileSync,
  renameSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { blobPath } from '../../src/bundle/format/layout.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { plannedImage } from '../support/planned/items.ts';
import { rawExchange } from '../support/http/raw-exchange.ts';
import { sampleBundle, type SampleBundle } from '../support/samples/sample-bundle.ts';
import { type Serving, startServing } from '../support/sites/serving.ts';
import { waitUntil } from '../support/wait-until.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { fileSample } from '../support/samples/target-samples.ts';

const image = plannedImage('docker.io/rancher/rancher:v2.9.2', { layers: 2, layerBytes: 900_000 });
const [layer, other] = image.contents
  .filter(({ bytes }) => bytes.length > 500_000)
  .map((one) => one.descriptor);
const NAME = '/v2/rancher/rancher';

/** Changes one bit of a blob, by its place from the start. */
function flip(digest: Digest | undefined, at: number): (tar: Buffer, bundle: SampleBundle) => void {
  return (tar, { layout }) => {
    const entry = layout.entries.find(({ path }) => digest !== undefined && path === blobPath(digest));
    const position = (entry?.position ?? 0) + at;
    tar[position] = (tar[position] ?? 0) ^ 1;
  };
}

/** How much of a blob comes over, and whether the answer was whole. */
async function download(
  serving: Serving,
  digest: string,
): Promise<{ readonly bytes: number; readonly whole: boolean }> {
  const request = `GET ${NAME}/blobs/${digest} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
  const answer = await rawExchange(serving.host, request);
  const [head = '', ...body] = answer.split('\r\n\r\n');
  const announced = Number(/content-length: (\d+)/i.exec(head)?.[1]);
  const bytes = body.join('\r\n\r\n').length;
  return { bytes, whole: head.startsWith('HTTP/1.1 200') && bytes === announced };
}

describe('a blob that is damaged', () => {
  it.each([
    ['in its first byte', 0],
    ['in its middle', 450_000],
    ['in its last byte', (layer?.size ?? 1) - 1],
  ])('%s is never sent whole: the connection is cut, and the log says which', async (_, at) => {
    await using serving = await startServing({ bundles: [[image]], damage: flip(layer?.digest, at) });
    const first = await download(serving, layer?.digest ?? '');
    expect(first.whole).toBe(false);
    expect(first.bytes).toBeLessThan(layer?.size ?? 0);
    await waitUntil(() => serving.events.length > 0);
    expect(serving.events[0]).toMatchObject({
      level: 'error',
      message: expect.stringContaining(
        `Cannot verify blob "${layer?.digest}" of image "docker.io/rancher/rancher:v2.9.2": `,
      ),
    });
    expect(serving.events[0]?.message).toContain(serving.path);
    expect((await serving.get(`${NAME}/blobs/${layer?.digest}`)).status).toBe(500);
    expect((await serving.get(`${NAME}/blobs/${layer?.digest}`, { method: 'HEAD' })).status).toBe(500);
    expect((await download(serving, other?.digest ?? '')).whole).toBe(true);
  });

  it('is not sent in parts either, not even in those that are right', async () => {
    await using serving = await startServing({ bundles: [[image]], damage: flip(layer?.digest, 10) });
    const part = await serving.get(`${NAME}/blobs/${layer?.digest}`, {
      headers: { range: 'bytes=500000-500009' },
    });
    expect(part.status).toBe(500);
    expect(await part.json()).toMatchObject({ errors: [{ code: 'UNKNOWN' }] });
  });

  it('is a manifest that is never sent', async () => {
    const { digest } = image.planned.item.descriptor;
    await using serving = await startServing({ bundles: [[image]], damage: flip(digest, 5) });
    for (const reference of ['v2.9.2', digest]) {
      expect((await serving.get(`${NAME}/manifests/${reference}`)).status).toBe(500);
    }
    const told = ({ message }: { readonly message: string }): boolean =>
      message.startsWith('Cannot verify') && message.includes(serving.path);
    await waitUntil(() => serving.events.some(told));
    expect(serving.events.filter(told)).toMatchObject([
      { message: expect.stringContaining(' of image "docker.io/rancher/rancher:v2.9.2": ') },
    ]);
  });

  it('is taken from another bundle that has it intact', async () => {
    await using serving = await startServing({
      bundles: [[image], [image, fileSample('more')]],
      damage: flip(layer?.digest, 10),
    });
    expect((await download(serving, layer?.digest ?? '')).whole).toBe(false);
    expect((await download(serving, layer?.digest ?? '')).whole).toBe(true);
    const part = await serving.get(`${NAME}/blobs/${layer?.digest}`, { headers: { range: 'bytes=0-9' } });
    expect(part.status).toBe(206);
    await part.arrayBuffer();
  });

  it('is counted', async () => {
    await using serving = await startServing({ bundles: [[image]], damage: flip(layer?.digest, 10) });
    await download(serving, layer?.digest ?? '');
    await download(serving, other?.digest ?? '');
    const page = await (await serving.get('/metrics')).text();
    expect(page).toContain('saddlebag_blobs_damaged_total 1');
    expect(page).toContain('saddlebag_blobs_verified_total 1');
  });
});

describe('a bundle that changes while it is served', () => {
  it.each([
    ['replaced', (path: string) => replace(path)],
    ['cut short', (path: string) => truncateSync(path, 4096)],
    ['written to', (path: string) => appendFileSync(path, 'x')],
    ['written to at the same size', (path: string) => utimesSync(path, 1, 1)],
    ['gone', (path: string) => renameSync(path, `${path}.moved`)],
  ])('by being %s is noticed: nothing of it is sent any more', async (_, change) => {
    await using serving = await startServing({ bundles: [[image]] });
    expect((await download(serving, layer?.digest ?? '')).whole).toBe(true);
    change(serving.path);
    const response = await serving.get(`${NAME}/blobs/${layer?.digest}`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ errors: [{ code: 'UNAVAILABLE' }] });
    expect(
      (await serving.get(`${NAME}/blobs/${layer?.digest}`, { headers: { range: 'bytes=0-1' } })).status,
    ).toBe(503);
    await waitUntil(() => serving.events.some(({ message }) => message.includes(serving.path)));
  });

  it('by being written to is noticed even where the time of writing is given back', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'lab.tar');
    const bundle = sampleBundle([image]);
    const write = (bytes: Buffer): void => {
      writeFileSync(path, bytes);
      utimesSync(path, 1000, 1000);
    };
    write(bundle.tar);
    await using serving = await startServing({ paths: [path] });
    expect((await download(serving, layer?.digest ?? '')).whole).toBe(true);
    const damaged = Buffer.from(bundle.tar);
    flip(layer?.digest, 10)(damaged, bundle);
    write(damaged);
    expect((await download(serving, layer?.digest ?? '')).whole).toBe(false);
    await waitUntil(() => serving.events.some(({ message }) => message.includes(layer?.digest ?? 'none')));
  });

  it('by being written to while it is sent is noticed: the connection is cut, also where it was right before', async () => {
    // More than any socket holds, so that its end is not read before the client has taken most of it.
    const large = plannedImage('docker.io/rancher/rancher:v2.9.2', {
      layers: 1,
      layerBytes: 32 * 1024 * 1024,
    });
    const blob = large.contents.find(({ bytes }) => bytes.length > 1024 * 1024)?.descriptor;
    await using serving = await startServing({ bundles: [[large]] });
    const first = await serving.get(`${NAME}/blobs/${blob?.digest}`);
    expect((await first.arrayBuffer()).byteLength).toBe(blob?.size);
    const second = await serving.get(`${NAME}/blobs/${blob?.digest}`);
    expect(second.status).toBe(200);
    utimesSync(serving.path, 1, 1);
    await expect(second.arrayBuffer()).rejects.toThrow('terminated');
    await waitUntil(() => serving.events.length > 0);
    expect(serving.events.at(-1)?.message).toContain('its file was written to while it was read');
  });

  it('by getting other rights is read again, and served', async () => {
    await using serving = await startServing({ bundles: [[image]] });
    expect((await download(serving, layer?.digest ?? '')).whole).toBe(true);
    chmodSync(serving.path, 0o600);
    expect((await download(serving, layer?.digest ?? '')).whole).toBe(true);
  });

  it('is no answer of another content: what was read before the change was right', async () => {
    await using serving = await startServing({ bundles: [[image]] });
    const manifest = await serving.get(`${NAME}/manifests/v2.9.2`);
    const bytes = new Uint8Array(await manifest.arrayBuffer());
    expect(digestOf(bytes)).toBe(image.planned.item.descriptor.digest);
  });

  function replace(path: string): void {
    writeFileSync(`${path}.new`, readFileSync(path));
    renameSync(`${path}.new`, path);
  }
});
