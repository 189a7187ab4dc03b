import { describe, expect, it, onTestFinished } from 'vitest';
import { fromBufferPromise } from 'yauzl';
import { blobPath } from '../../../src/bundle/format/layout.ts';
import { collectBytes } from '../../../src/internal/bytes.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { fileSample, k3sFiles, k3sSample } from '../../support/samples/target-samples.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { type Serving, type ServingOptions, startServing } from '../../support/sites/serving.ts';

const TAG = 'v1.30.6+k3s1';
const PATH = `/zips/k3s/${encodeURIComponent(TAG)}.zip`;
const LARGE = 700_000;

describe('the files of an item as one zip', () => {
  it('are all in it, byte for byte, and those that run may', async () => {
    const serving = await serve();
    const response = await serving.get(PATH);
    expect(response.headers.get('content-type')).toBe('application/zip');
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename*=UTF-8''${encodeURIComponent(TAG)}.zip`,
    );
    const found = await filesIn(Buffer.from(await response.arrayBuffer()));
    const expected = k3sFiles(TAG, { size: LARGE });
    expect(new Map(found.map(({ name, digest }) => [name, digest]))).toEqual(
      new Map(expected.map(({ name, bytes }) => [name, digestOf(bytes)])),
    );
    expect(found.map(({ mode }) => mode)).toEqual(expected.map(() => 0o644));
    const tool = await serving.get('/zips/file/tool.zip');
    expect(await filesIn(Buffer.from(await tool.arrayBuffer()))).toMatchObject([
      { name: 'tool', mode: 0o755 },
    ]);
  });

  it('are the same bytes each time, and linked from the page', async () => {
    const serving = await serve();
    const [one, two] = [await serving.get(PATH), await serving.get(PATH)];
    expect(Buffer.from(await one.arrayBuffer()).equals(Buffer.from(await two.arrayBuffer()))).toBe(true);
    const page = await (await serving.get('/', { headers: { accept: 'text/html' } })).text();
    expect(page).toContain(`href="${PATH}"`);
    // A single file is a download already.
    expect(page).not.toContain('/zips/file/');
  });

  it('are told of without being sent', async () => {
    const serving = await serve();
    const response = await serving.get(PATH, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });

  it.each([
    '/zips/k3s/v1.0.0+k3s1.zip',
    '/zips/image/rancher.zip',
    `/zips/k3s/${TAG}`,
    '/zips/k3s',
    `/zips/k3s/${TAG}.zip/k3s`,
  ])('are not at %s', async (path) => {
    const serving = await serve();
    expect((await serving.get(path)).status).toBe(404);
  });

  it.each([
    ['first', 0],
    ['last', -1],
  ])('never pass as good when the %s of them is damaged', async (_, at) => {
    const file = k3sFiles(TAG, { size: LARGE }).at(at);
    const serving = await serve({
      damage: (tar, { layout }) => {
        const path = blobPath(digestOf(file?.bytes ?? Buffer.alloc(0)));
        const place = layout.entries.find((entry) => entry.path === path)?.position ?? 0;
        tar[place + 3] = (tar[place + 3] ?? 0) ^ 1;
      },
    });
    const response = await serving.get(PATH);
    const whole = response.arrayBuffer().then(
      () => response.status === 200,
      () => false,
    );
    expect(await whole).toBe(false);
    await waitUntil(() => serving.events.some(({ level }) => level === 'error'));
    // What else is served goes on.
    expect((await serving.get('/files/second.txt')).status).toBe(200);
  });
});

async function serve(options: ServingOptions = {}): Promise<Serving> {
  const serving = await startServing({
    bundles: [
      [k3sSample(TAG, { size: LARGE }), fileSample('second.txt'), fileSample('tool', { executable: true })],
    ],
    ...options,
  });
  onTestFinished(() => serving[Symbol.asyncDispose]());
  return serving;
}

async function filesIn(
  bytes: Buffer,
): Promise<readonly { readonly name: string; readonly mode: number; readonly digest: string }[]> {
  const zip = await fromBufferPromise(bytes, { strictFileNames: true, validateEntrySizes: true });
  const files: { name: string; mode: number; digest: string }[] = [];
  for await (const entry of zip.eachEntry()) {
    const content = await collectBytes(await zip.openReadStreamPromise(entry), {
      limit: LARGE,
      onExcess: () => new Error('it is too long'),
    });
    const mode = (entry.externalFileAttributes >>> 16) & 0o777;
    files.push({ name: entry.fileName, mode, digest: digestOf(content) });
  }
  return files;
}
