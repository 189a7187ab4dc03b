import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeDescriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../src/oci/media-type.ts';
import { type ScriptedServer, serveFile, startHttpServer } from '../support/http/http-server.ts';
import { type Lab, startLab } from '../support/sites/lab.ts';
import { incompressibleBytes, type SampleImage, sampleImage } from '../support/samples/sample-image.ts';

const base = Buffer.from(incompressibleBytes('windows base', 50_000));
const BASE_TYPE = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';

describe('a layer that is kept elsewhere, as the base of a Windows image is', () => {
  it('is fetched from there, carried, and pushed; the manifest keeps its bytes', async () => {
    const { lab, image, elsewhere } = await setUp(base);
    const built = await lab.run(['build', lab.spec('images: [lab/windows:v1]\n'), '-o', 'lab.tar']).ended;
    expect(built).toMatchObject({ status: 0 });
    expect(elsewhere.requests.every(({ headers }) => headers['authorization'] === undefined)).toBe(true);
    const installed = await lab.run(['install', 'lab.tar', '--registry', lab.offline.host]).ended;
    expect(installed).toMatchObject({ status: 0 });
    const there = lab.offline.content.find('lab/windows');
    expect(there?.tags.get('v1')).toBe(image.root.digest);
    expect(there?.blobs.has(digestOf(base))).toBe(true);
  });

  it('is refused when something else is there by now', async () => {
    const other = Buffer.from(base);
    other.writeUInt8(other.readUInt8(700) ^ 1, 700);
    const { lab } = await setUp(other);
    const built = await lab.run(['build', lab.spec('images: [lab/windows:v1]\n'), '-o', 'lab.tar']).ended;
    expect(built).toMatchObject({ status: 3, stderr: expect.stringContaining('ERR_DIGEST_MISMATCH') });
  });
});

async function setUp(
  served: Buffer,
): Promise<{ readonly lab: Lab; readonly image: SampleImage; readonly elsewhere: ScriptedServer }> {
  const lab = await startLab();
  onTestFinished(() => lab[Symbol.asyncDispose]());
  const elsewhere = await startHttpServer((request, response) => serveFile(request, response, served));
  onTestFinished(() => elsewhere[Symbol.asyncDispose]());
  const image = foreignImage(`${elsewhere.url}/base`);
  await lab.internet.seed('lab/windows', image, 'v1');
  return { lab, image, elsewhere };
}

/** An image whose base is not at its registry. */
function foreignImage(url: string): SampleImage {
  const { blobs } = sampleImage({ name: 'windows', format: 'docker', platforms: ['windows/amd64'] });
  const [config, ...layers] = blobs.map(({ descriptor }) => encodeDescriptor(descriptor));
  const foreign = { mediaType: BASE_TYPE, digest: digestOf(base), size: base.length, urls: [url] };
  const mediaType = MEDIA_TYPE.dockerManifest;
  const document = { schemaVersion: 2, mediaType, config, layers: [foreign, ...layers] };
  const bytes = Buffer.from(JSON.stringify(document));
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  return { root: descriptor, blobs, manifests: [{ descriptor, bytes }] };
}
