import { PathGuard } from '../../archive/guard.ts';
import { quote } from '../../internal/quote.ts';
import { faultOfName } from '../../internal/file-name.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { ANNOTATION } from '../../oci/annotation.ts';
import type { ArtifactFile } from '../../oci/artifact.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Index, Manifest } from '../../oci/manifest.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import { chartFiles } from './chart-files.ts';
import { artifactTypeOf, type FileItem, kindOf } from './item.ts';

/**
 * Returns the files of an artifact from its manifest. Their names become names on a disk, so each must be a plain
 * one, legal everywhere, and no two may clash.
 *
 * @throws `ERR_BUNDLE_INVALID`
 */
export function artifactFiles(item: FileItem, manifest: Manifest | Index): readonly ArtifactFile[] {
  const fail = (fact: string): never => {
    throw new SaddlebagError(
      'ERR_BUNDLE_INVALID',
      `Cannot read ${kindOf(item)} ${quote(item.name)}: ${fact}`,
    );
  };
  if (item.kind === 'chart')
    return chartFiles(item, manifest) ?? fail('its manifest is not that of one Helm chart');
  const type = artifactTypeOf(item);
  if (manifest.type === 'index' || manifest.artifactType !== type)
    return fail(`its manifest is not of the type "${type}"`);
  if (manifest.mediaType !== MEDIA_TYPE.ociManifest) return fail('its manifest is not an OCI manifest');
  const guard = new PathGuard();
  return manifest.layers.map((layer) => {
    const file = fileOf(layer) ?? fail(`its layer "${layer.digest}" has no file name`);
    const fault = faultOfName(file.name) ?? guard.admit(file.name);
    return fault === undefined ? file : fail(`it has a file ${quote(file.name)}: ${fault}`);
  });
}

function fileOf({ digest, size, annotations }: Descriptor): ArtifactFile | undefined {
  const name = annotations?.[ANNOTATION.title];
  if (name === undefined) return undefined;
  const executable = annotations?.[ANNOTATION.executable] === 'true' || undefined;
  return { name, descriptor: { digest, size }, executable };
}
