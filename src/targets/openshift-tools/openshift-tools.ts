import { join } from 'node:path';
import type { Bundle } from '../../bundle/bundle.ts';
import type { ByteStream } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { layerOf } from '../../oci/artifact.ts';
import { type Digest, finishDigest, parseDigest, startDigest } from '../../oci/digest.ts';
import { parseReference } from '../../oci/reference.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { fetchDocument } from '../../oci/verified.ts';
import {
  decodeImageReferences,
  REFERENCES_LIMIT,
} from '../../products/openshift/payload/image-references.ts';
import { IMAGE_REFERENCES, RELEASE_METADATA } from '../../products/openshift/payload/names.ts';
import { decodeReleaseVersion } from '../../products/openshift/payload/release-metadata.ts';
import {
  type Marker,
  MARKERS,
  markerText,
  type MarkerValues,
} from '../../products/openshift/tools/marker.ts';
import { patched } from '../../products/openshift/tools/patch.ts';
import {
  type ProgramName,
  PROGRAMS,
  programFile,
  programSources,
} from '../../products/openshift/tools/programs.ts';
import type { TargetPlatform } from '../kind.ts';
import { type FileAtTarget, fileTarget, proveFile } from '../placed-files.ts';
import { parseRegistryAddress } from '../registry/address.ts';
import { nameImages } from '../registry/images.ts';
import { parseRewriteRule } from '../registry/rewrite-rule.ts';
import type { Target } from '../target.ts';
import { findProgram, programBytes } from './program.ts';
import { chosenRelease, type ReleaseItem } from './releases.ts';

export interface ToolsOptions {
  readonly folder: string;
  /** What the programs run on. */
  readonly platform: TargetPlatform;
  /** Name or version of the release; the newest when left out. */
  readonly release?: string | undefined;
  /** The registries that the release goes to; the first one is pinned. */
  readonly registries: readonly string[];
  /** Rules that rename images on the way there. */
  readonly rewrites: readonly string[];
}

/** A program as it will be at its place. */
interface Tool extends FileAtTarget {
  readonly content: (wait: WaitOptions) => ByteStream;
}

/** Markers that each program is built with; a program without the image marker would install another release. */
const OWN_MARKERS: Readonly<Record<ProgramName, readonly Marker['name'][]>> = {
  oc: ['version'],
  'openshift-install': ['image', 'version', 'architecture'],
};

/** Makes the target that puts `oc` and `openshift-install` into a folder, as `oc adm release extract --command` does. */
export function toolsTarget(bundle: Bundle, options: ToolsOptions): Target {
  const { folder } = options;
  const at = { target: 'openshift-tools', folder };
  const contents = new Map<Digest, Tool['content']>();
  const derived: Bundle = {
    ...bundle,
    fetch: (target, wait) => contents.get(target.digest)?.(wait ?? {}) ?? bundle.fetch(target, wait),
  };
  return fileTarget(derived, at, {
    folders: [folder],
    load: async (wait) => {
      const { tools, findings } = await loadTools(bundle, options, wait);
      for (const { file, content } of tools) contents.set(file.descriptor.digest, content);
      return { things: tools, findings };
    },
    prove: async (tools, wait) =>
      await Promise.all(tools.map(async (tool) => await proveFile(tool, at, wait))),
  });
}

async function loadTools(
  bundle: Bundle,
  options: ToolsOptions,
  { signal }: WaitOptions,
): Promise<{ readonly tools: readonly Tool[]; readonly findings: readonly Finding[] }> {
  const { platform, folder } = options;
  const item = chosenRelease(bundle, options.release);
  const { components, version } = await documentsOf(bundle, item, { signal });
  const values: MarkerValues = {
    image: await imageAtRegistry(bundle, item, options),
    version,
    architecture: item.architecture === 'multi' ? 'multi (linux/amd64)' : `linux/${item.architecture}`,
  };
  for (const marker of MARKERS)
    if (markerText(marker, values[marker.name]) === undefined) throw tooLong(marker, values[marker.name]);
  const tools: Tool[] = [];
  const findings: Finding[] = [];
  for (const name of PROGRAMS) {
    const sources = programSources(name, platform, item.architecture);
    const architecture = platform.architecture;
    const found = await findProgram(bundle, sources, { components, architecture, signal });
    if (found === undefined) {
      findings.push(missingProgram(name, platform, item));
      continue;
    }
    const own = Object.fromEntries(OWN_MARKERS[name].map((marker) => [marker, values[marker]]));
    let markers: ReadonlySet<Marker['name']> = new Set();
    const content = (wait: WaitOptions): ByteStream =>
      patched(programBytes(bundle, found, wait), own, (all) => {
        markers = all;
      });
    const descriptor = await measure(content({ signal }));
    if (name === 'openshift-install' && !markers.has('image')) throw noMarker(item);
    const file = { name: programFile(name, platform.os), descriptor, executable: true };
    const path = join(folder, file.name);
    tools.push({
      item,
      kind: 'openshift-tool',
      name: `${name} ${version}`,
      file,
      path,
      mode: 0o755,
      content,
    });
    if (platform.os === 'darwin' && platform.architecture === 'arm64') findings.push(unsigned(path));
  }
  if (tools.length === 0) throw noTools(platform, item);
  return { tools, findings };
}

async function documentsOf(
  bundle: Bundle,
  item: ReleaseItem,
  { signal }: WaitOptions,
): Promise<ReturnType<typeof decodeImageReferences>> {
  const files = await bundle.files(item, { signal });
  const read = async (name: string): Promise<Uint8Array> => {
    const file = files.find((each) => each.name === name);
    if (file === undefined)
      throw new SaddlebagError(
        'ERR_BUNDLE_INVALID',
        `Cannot read OpenShift release "${item.name}": it has no "${name}"`,
      );
    return await fetchDocument(bundle, layerOf(file), { signal, limit: REFERENCES_LIMIT });
  };
  const { components } = decodeImageReferences(await read(IMAGE_REFERENCES));
  return { components, version: decodeReleaseVersion(await read(RELEASE_METADATA)) };
}

/** Returns `registry/repository@digest` of the release image at the registry that the bundle goes to. */
async function imageAtRegistry(
  bundle: Bundle,
  { image }: ReleaseItem,
  { registries, rewrites }: ToolsOptions,
): Promise<string> {
  const text = registries.find((registry) => !registry.startsWith('embedded:'));
  if (text === undefined)
    throw new SaddlebagError('ERR_USAGE_INVALID', 'Cannot place the OpenShift tools: no registry is given', {
      hint: 'The installer is pinned to a registry: name the one that clusters pull from with --registry.',
    });
  const { host, prefix } = parseRegistryAddress(text);
  const names = await nameImages(bundle, { host, prefix, rewrites: rewrites.map(parseRewriteRule) });
  const repository = names.find(({ item }) => item.name === image)?.reference.repository;
  if (repository === undefined)
    throw new SaddlebagError(
      'ERR_BUNDLE_INVALID',
      `Cannot place the OpenShift tools: "${bundle.path}" does not have "${image}"`,
    );
  return `${host}/${repository}@${parseDigest(parseReference(image).digest)}`;
}

async function measure(content: ByteStream): Promise<{ readonly digest: Digest; readonly size: number }> {
  const hash = startDigest();
  let size = 0;
  for await (const chunk of content) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { digest: finishDigest(hash), size };
}

function missingProgram(name: ProgramName, { os, architecture }: TargetPlatform, item: ReleaseItem): Finding {
  return {
    level: 'warning',
    message: `OpenShift release "${item.name}" has no ${name} for ${os}/${architecture}`,
    hint: name === 'oc' ? undefined : 'Install from a Linux or macOS host; --host-platform chooses it.',
  };
}

/** Apple's processors run no program whose signature does not match, and the patch changed what was signed. */
function unsigned(path: string): Finding {
  return {
    level: 'warning',
    message: `${path} was changed for this registry, so macOS will not run it until it is signed again`,
    hint: `Sign it on the Mac: codesign --force --sign - ${path}`,
  };
}

function noTools({ os, architecture }: TargetPlatform, { name }: ReleaseItem): SaddlebagError {
  return new SaddlebagError(
    'ERR_CONTENT_NOT_FOUND',
    `Cannot place the OpenShift tools: release "${name}" has none for ${os}/${architecture}`,
    {
      hint: 'Choose another platform with --host-platform: linux/amd64, linux/arm64, darwin/amd64, darwin/arm64, windows/amd64.',
    },
  );
}

function noMarker({ name }: ReleaseItem): SaddlebagError {
  return new SaddlebagError(
    'ERR_TARGET_REFUSED',
    `Cannot pin openshift-install of "${name}" to the registry: it has no place for a release image`,
    {
      hint: 'As built, it would install the release from quay.io. Bring an installer of your own, and set OPENSHIFT_INSTALL_RELEASE_IMAGE_OVERRIDE when you run it.',
    },
  );
}

function tooLong({ name, bytes }: Marker, value: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_TARGET_REFUSED',
    `Cannot pin the OpenShift tools: the ${name} "${value}" is longer than the ${bytes.length - 1} bytes reserved for it`,
    { hint: 'Choose a shorter prefix or repository.' },
  );
}
