import { PathGuard } from '../../internal/path/guard.ts';
import { quote } from '../../internal/quote.ts';
import { faultOfName } from '../../internal/file-name.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { ANNOTATION } from '../../oci/annotation.ts';
import { type ArtifactFile, EMPTY_CONFIG } from '../../oci/artifact.ts';
import { type ArtifactLink, type ArtifactTree, faultOfLinks } from '../../oci/artifact-tree.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Index, Manifest } from '../../oci/manifest.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import { chartFiles } from './chart-files.ts';
import { artifactTypeOf, type FileItem, kindOf } from './item.ts';

/**
 * Returns what an artifact is made of, from its manifest. Titles become paths on a disk, so each must be safe
 * everywhere, and no two may clash. What goes to places of its own, such as a K3s release, has plain names alone.
 *
 * @throws `ERR_BUNDLE_INVALID`
 */
export function artifactTree(item: FileItem, manifest: Manifest | Index): ArtifactTree {
  const fail = (fact: string): never => {
    throw new SaddlebagError(
      'ERR_BUNDLE_INVALID',
      `Cannot read ${kindOf(item)} ${quote(item.name)}: ${fact}`,
    );
  };
  if (item.kind === 'chart') {
    const files = chartFiles(item, manifest) ?? fail('its manifest is not that of one Helm chart');
    return { files, links: [], folders: [] };
  }
  const type = artifactTypeOf(item);
  if (manifest.type === 'index' || manifest.artifactType !== type)
    return fail(`its manifest is not of the type "${type}"`);
  if (manifest.mediaType !== MEDIA_TYPE.ociManifest) return fail('its manifest is not an OCI manifest');
  const hasPaths = item.kind === 'file' || item.kind === 'unknown';
  const guard = new PathGuard();
  const files: ArtifactFile[] = [];
  const links: ArtifactLink[] = [];
  const folders: string[] = [];
  for (const layer of manifest.layers) {
    const { name, target, isFolder } = titleOf(layer);
    if (name === undefined) return fail(`its layer "${layer.digest}" has no file name`);
    const isPlain = target === undefined && !isFolder;
    const fault =
      (hasPaths ? undefined : (faultOfName(name) ?? (isPlain ? undefined : 'it is no file'))) ??
      (isPlain || isEmpty(layer) ? undefined : 'it has content, and is no file') ??
      (isFolder && name !== '' ? guard.admitFolder(name) : guard.admit(name));
    if (fault !== undefined) return fail(`it has a file ${quote(name)}: ${fault}`);
    if (isFolder) folders.push(name);
    else if (target === undefined) files.push(fileOf(layer, name));
    else links.push({ name, target });
  }
  const tree = { files, links, folders };
  const fault = faultOfLinks(tree);
  return fault === undefined ? tree : fail(fault);
}

function titleOf({ annotations = {} }: Descriptor): {
  readonly name: string | undefined;
  readonly target: string | undefined;
  readonly isFolder: boolean;
} {
  return {
    name: annotations[ANNOTATION.title],
    target: annotations[ANNOTATION.link],
    isFolder: annotations[ANNOTATION.folder] === 'true',
  };
}

/** A link and a folder have the two bytes of the empty config. */
function isEmpty({ mediaType, digest, size }: Descriptor): boolean {
  const { mediaType: type, digest: empty, size: two } = EMPTY_CONFIG;
  return mediaType === type && digest === empty && size === two;
}

function fileOf({ digest, size, annotations }: Descriptor, name: string): ArtifactFile {
  const executable = annotations?.[ANNOTATION.executable] === 'true' || undefined;
  return { name, descriptor: { digest, size }, executable };
}
