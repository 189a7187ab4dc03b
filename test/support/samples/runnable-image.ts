import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { type Descriptor, encodeDescriptor } from '../../../src/oci/descriptor.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import type { SampleContent, SampleImage } from './sample-image.ts';

const WORDS = 'it runs\n';

/** Returns an image for linux/amd64 of one program without a library, which prints `it runs`. */
export function runnableImage(): SampleImage {
  const tar = executableTar('hello', program());
  const layer = contentOf(MEDIA_TYPE.ociLayerGzip, gzipSync(tar));
  const config = documentOf(MEDIA_TYPE.ociConfig, {
    architecture: 'amd64',
    os: 'linux',
    config: { Entrypoint: ['/hello'] },
    rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
    history: [{ created: '2024-01-01T00:00:00Z' }],
  });
  const manifest = documentOf(MEDIA_TYPE.ociManifest, {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociManifest,
    config: encodeDescriptor(config.descriptor),
    layers: [encodeDescriptor(layer.descriptor)],
  });
  return { root: manifest.descriptor, blobs: [config, layer], manifests: [manifest] };
}

/** An ELF file of one segment (System V ABI, "ELF Header", "Program Header"): write(1, words), exit(0). */
function program(): Uint8Array {
  const BASE = 0x400000;
  const HEADS = 64 + 56;
  const code = Buffer.from(
    'b801000000bf01000000488d3510000000ba080000000f05b83c00000031ff0f05'.replaceAll(' ', ''),
    'hex',
  );
  const words = Buffer.from(WORDS);
  // What `lea rsi, [rip + n]` leads to, counted from the end of that instruction.
  code.writeInt32LE(code.length - 17, 13);
  const size = HEADS + code.length + words.length;
  const head = Buffer.alloc(HEADS);
  head.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  head.writeUInt16LE(2, 16);
  head.writeUInt16LE(62, 18);
  head.writeUInt32LE(1, 20);
  head.writeBigUInt64LE(BigInt(BASE + HEADS), 24);
  head.writeBigUInt64LE(64n, 32);
  head.writeUInt16LE(64, 52);
  head.writeUInt16LE(56, 54);
  head.writeUInt16LE(1, 56);
  head.writeUInt32LE(1, 64);
  head.writeUInt32LE(5, 68);
  head.writeBigUInt64LE(BigInt(BASE), 80);
  head.writeBigUInt64LE(BigInt(BASE), 88);
  head.writeBigUInt64LE(BigInt(size), 96);
  head.writeBigUInt64LE(BigInt(size), 104);
  head.writeBigUInt64LE(0x1000n, 112);
  return Buffer.concat([head, code, words]);
}

function executableTar(path: string, content: Uint8Array): Uint8Array {
  const block = Buffer.alloc(512);
  new Header({
    path,
    mode: 0o755,
    uid: 0,
    gid: 0,
    size: content.length,
    mtime: new Date(0),
    type: 'File',
  }).encode(block);
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return Buffer.concat([block, content, padding, Buffer.alloc(1024)]);
}

function documentOf(mediaType: string, document: unknown): SampleContent {
  return contentOf(mediaType, Buffer.from(JSON.stringify(document)));
}

function contentOf(mediaType: string, bytes: Uint8Array): SampleContent {
  const descriptor: Descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  return { descriptor, bytes };
}
