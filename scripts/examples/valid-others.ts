import type { Item, PlannedBlob } from '../../src/bundle/format/item.ts';
import { patchPlan } from '../../src/bundle/plan/patch.ts';
import { encodeDescriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../src/oci/media-type.ts';
import { rawEntry } from '../../test/support/archives/raw-tar.ts';
import {
  rawDescriptor,
  rawExtra,
  rawZip,
  type RawZipEntry,
  rawZip64Extra,
} from '../../test/support/archives/raw-zip.ts';
import type { PlannedSample } from '../../test/support/planned/items.ts';
import { fileSample } from '../../test/support/samples/target-samples.ts';
import { type Files, filesOf, filesOfPlan, HELLO, IMAGE, INDEX, planOfSamples } from './content.ts';
import { type Example, single } from './example.ts';
import { tarOf } from './valid.ts';

type Content = PlannedSample['contents'][number];

/** Bundles as other programs pack them, and items that few bundles have: every reader must accept them too. */
export function otherValidExamples(): readonly Example[] {
  const of = (path: string, what: string, bytes: Uint8Array): Example => ({
    ...single(`valid/${path}`, bytes),
    what,
  });
  const items = (path: string, what: string, ...samples: readonly PlannedSample[]): Example =>
    of(path, what, tarOf(filesOf(samples)));
  return [
    of(
      'prefix.tar',
      'a tar with paths in two parts, sizes in base-256, and old types of files',
      prefixed(filesOf([HELLO])),
    ),
    of('zip64.zip', 'a zip with the numbers of ZIP64, which it does not need', zip64(filesOf([HELLO]))),
    of(
      'packed-again.zip',
      'a zip as other programs make it: folders, no descriptors, extra fields, another order',
      packedZip(filesOf([HELLO])),
    ),
    of('patch.tar', 'a patch: one blob of another bundle, and no item', patch()),
    items('docker.tar', 'an image with the media types of Docker', ofDocker()),
    items('narrowed.tar', 'an index of some platforms of another one', narrowed()),
    items('absent-platforms.tar', 'an index whole, and of its platforms one', lacking()),
    items('provenance.tar', 'a chart with what proves where it comes from', chartWithProvenance()),
    items(
      'names.tar',
      'a file and an item whose names are not ASCII',
      fileSample('grüße ☃.txt', { executable: true }),
    ),
  ];
}

function prefixed(files: Files): Buffer {
  const entries = [...files].map(([path, bytes], at) => {
    const slash = path.lastIndexOf('/');
    const size = Buffer.alloc(12);
    size.writeUInt8(0x80, 0);
    size.writeUInt32BE(bytes.length, 8);
    const parts = slash < 0 ? { path } : { path: path.slice(slash + 1), prefix: path.slice(0, slash) };
    return rawEntry({ ...parts, bytes, size, type: at % 2 === 0 ? '\0' : '0' });
  });
  return Buffer.concat([...entries, Buffer.alloc(1024)]);
}

function zip64(files: Files): Buffer {
  let position = 0;
  const entries = [...files].map(([path, bytes]): RawZipEntry => {
    const header = position;
    const size = bytes.length;
    const local = { crc: 0, stored: 0xffffffff, size: 0xffffffff, extra: rawZip64Extra(0, 0) };
    position += 30 + path.length + local.extra.length + size + 24;
    return {
      path,
      bytes,
      both: { needed: 45, flags: 0x808 },
      local,
      central: {
        stored: 0xffffffff,
        size: 0xffffffff,
        header: 0xffffffff,
        extra: rawZip64Extra(size, size, header),
      },
      behind: rawDescriptor(bytes, { large: true }),
    };
  });
  return rawZip(entries, {
    zip64: {},
    end: { count: 0xffff, countHere: 0xffff, size: 0xffffffff, position: 0xffffffff },
  });
}

function packedZip(files: Files): Buffer {
  const folders = ['blobs/', 'blobs/sha256/'].map((path) => ({
    path,
    central: { attributes: 0o040755 * 65_536 + 0x10 },
  }));
  // The extended timestamp of Info-ZIP, and its fields for owner and group.
  const extra = Buffer.concat([
    rawExtra(0x5455, Buffer.from([1, 0, 0, 0, 0])),
    rawExtra(0x7875, Buffer.from('01040000000004 00000000'.replace(' ', ''), 'hex')),
  ]);
  const entries = [...files].map(([path, bytes]) => ({ path, bytes, both: { needed: 10, flags: 0, extra } }));
  return rawZip([...folders, ...entries.toReversed()]);
}

function patch(): Buffer {
  const plan = planOfSamples([HELLO, IMAGE]);
  const [damaged] = plan.blobs.slice(-1);
  const blobs =
    damaged === undefined ? [] : [{ digest: damaged.descriptor.digest, size: damaged.descriptor.size }];
  const list = { root: plan.root, name: plan.document.name, files: [], blobs };
  return tarOf(filesOfPlan(patchPlan(plan, list, { root: plan.root }), [HELLO, IMAGE]));
}

function ofDocker(): PlannedSample {
  const layer = contentOf(MEDIA_TYPE.dockerLayerGzip, 'not really a layer\n');
  const config = contentOf(
    MEDIA_TYPE.dockerConfig,
    '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}',
  );
  const manifest = contentOf(
    MEDIA_TYPE.dockerManifest,
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.dockerManifest,
      config: encodeDescriptor(config.descriptor),
      layers: [encodeDescriptor(layer.descriptor)],
    }),
  );
  return sampleOf(
    {
      kind: 'image',
      name: 'docker.io/library/old:1',
      descriptor: manifest.descriptor,
      audience: ['registry'],
    },
    [config, layer, manifest],
  );
}

/** The index of two platforms, with where it was made from. */
function narrowed(): PlannedSample {
  const index = INDEX.contents.find(({ descriptor }) => descriptor.mediaType === MEDIA_TYPE.ociIndex);
  const text = Buffer.from(index?.bytes ?? []).toString();
  const annotations = { 'dev.saddlebag.source.digest': digestOf('an index of ten platforms') };
  const root = contentOf(
    MEDIA_TYPE.ociIndex,
    `${text.slice(0, -1)},"annotations":${JSON.stringify(annotations)}}`,
  );
  const item = { ...INDEX.planned.item, kind: 'image', descriptor: root.descriptor } as const;
  return sampleOf({ ...item, platforms: ['linux/amd64', 'linux/arm64'] }, [
    ...INDEX.contents.filter((content) => content !== index),
    root,
  ]);
}

function lacking(): PlannedSample {
  const held = INDEX.contents.filter(
    (_, at) => at < Math.floor(INDEX.contents.length / 2) || at === INDEX.contents.length - 1,
  );
  return sampleOf({ ...INDEX.planned.item, kind: 'image', platforms: ['linux/amd64'] }, held);
}

function chartWithProvenance(): PlannedSample {
  const config = contentOf(MEDIA_TYPE.helmConfig, '{"name":"hello","version":"1.0.0+build.4"}');
  const layers = [
    contentOf(MEDIA_TYPE.helmProvenance, 'a signature\n'),
    contentOf(MEDIA_TYPE.helmChart, 'a chart\n'),
  ];
  const manifest = contentOf(
    MEDIA_TYPE.ociManifest,
    JSON.stringify({
      schemaVersion: 2,
      config: encodeDescriptor(config.descriptor),
      layers: layers.map(({ descriptor }) => encodeDescriptor(descriptor)),
    }),
  );
  const item = {
    kind: 'chart',
    name: 'registry.example/charts/hello:1.0.0_build.4',
    chart: 'hello',
    version: '1.0.0+build.4',
  } as const;
  return sampleOf({ ...item, descriptor: manifest.descriptor, audience: ['files', 'registry'] }, [
    config,
    ...layers,
    manifest,
  ]);
}

function sampleOf(item: Item, contents: readonly Content[]): PlannedSample {
  const blobs = contents.map(({ descriptor, bytes }): PlannedBlob => ({
    descriptor,
    origin: { type: 'bytes', bytes },
  }));
  return { planned: { item, blobs }, contents };
}

function contentOf(mediaType: string, text: string): Content {
  const bytes = Buffer.from(text);
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}
