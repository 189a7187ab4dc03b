import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { encodeDescriptor } from '../../../src/oci/descriptor.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import type { SampleContent, SampleImage } from './sample-image.ts';

/** One entry of an archive, for those that no chart has. */
export interface SampleEntry {
  readonly path: string;
  readonly content?: string | Uint8Array;
  readonly type?: 'File' | 'SymbolicLink' | 'Directory';
}

/** Returns a packed chart: `files` by their paths in the folder of the chart. `Chart.yaml` is added when it is not there. */
export function sampleChart(
  name: string,
  version: string,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Uint8Array {
  const chartYaml = `apiVersion: v2\nname: ${name}\nversion: ${version}\nappVersion: ${version}\n`;
  const all = { 'Chart.yaml': chartYaml, ...files };
  return packEntries(
    Object.entries(all).map(([path, content]): SampleEntry => ({ path: `${name}/${path}`, content })),
  );
}

/** Returns entries as a gzip'd tar, always the same bytes. */
export function packEntries(entries: readonly SampleEntry[]): Uint8Array {
  const blocks = entries.flatMap(({ path, content = '', type = 'File' }) => {
    const bytes = Buffer.from(content);
    const header = Buffer.alloc(512);
    new Header({
      path,
      type,
      mode: 0o644,
      uid: 0,
      gid: 0,
      size: type === 'File' ? bytes.length : 0,
      ...(type === 'SymbolicLink' ? { linkpath: 'elsewhere' } : {}),
      mtime: new Date('2024-01-01T00:00:00Z'),
    }).encode(header);
    return type === 'File' ? [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)] : [header];
  });
  const packed = gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
  // The operating system that gzip names in its header would make the digest differ by machine.
  packed.writeUInt8(255, 9);
  return packed;
}

/** Returns a chart as `helm push` leaves it at a registry, with its metadata or anything else as its config. */
export function pushedChart(
  name: string,
  version: string,
  bytes: Uint8Array,
  configBytes: Uint8Array = Buffer.from(JSON.stringify({ name, version })),
): SampleImage {
  const config = contentOf(MEDIA_TYPE.helmConfig, configBytes);
  const layer = contentOf(MEDIA_TYPE.helmChart, bytes);
  const manifest = contentOf(
    MEDIA_TYPE.ociManifest,
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        config: encodeDescriptor(config.descriptor),
        layers: [encodeDescriptor(layer.descriptor)],
        annotations: { 'org.opencontainers.image.created': '2024-01-01T00:00:00Z' },
      }),
    ),
  );
  return { root: manifest.descriptor, blobs: [config, layer], manifests: [manifest] };
}

function contentOf(mediaType: string, bytes: Uint8Array): SampleContent {
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}
