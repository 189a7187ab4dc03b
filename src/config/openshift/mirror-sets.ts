import { objectName, type OpenshiftSite, plainText, type RepositoryMirror } from './site.ts';
import type { ConfigFile } from '../site.ts';

/** Kinds of objects that tell a cluster where images are. */
export type MirrorSetKind = 'icsp' | 'idms' | 'itms';

interface SetShape {
  readonly apiVersion: string;
  readonly kind: string;
  /** Key of the list in `spec`. */
  readonly list: string;
}

/** openshift/api, `operator/v1alpha1/types_image_content_source_policy.go` and `config/v1/types_image_{digest,tag}_mirror_set.go`. */
const SHAPES: Readonly<Record<MirrorSetKind, SetShape>> = {
  icsp: {
    apiVersion: 'operator.openshift.io/v1alpha1',
    kind: 'ImageContentSourcePolicy',
    list: 'repositoryDigestMirrors',
  },
  idms: { apiVersion: 'config.openshift.io/v1', kind: 'ImageDigestMirrorSet', list: 'imageDigestMirrors' },
  itms: { apiVersion: 'config.openshift.io/v1', kind: 'ImageTagMirrorSet', list: 'imageTagMirrors' },
};

/** Returns the object that sends a cluster to the registry; a set for tags has only what is known by tag. */
export function mirrorSet(kind: MirrorSetKind, { name, mirrors }: OpenshiftSite): ConfigFile {
  const { apiVersion, kind: objectKind, list } = SHAPES[kind];
  const meant = kind === 'itms' ? mirrors.filter(({ hasTags }) => hasTags) : mirrors;
  const lines = [
    `apiVersion: ${apiVersion}`,
    `kind: ${objectKind}`,
    'metadata:',
    `  name: ${objectName(name)}`,
    'spec:',
    meant.length === 0 ? `  ${list}: []` : `  ${list}:`,
    ...mirrorItems(meant).map((line) => `  ${line}`),
  ];
  return { path: `${kind}.yaml`, text: `${lines.join('\n')}\n` };
}

/** Returns the items of a list of mirrors, a line each, as `oc adm release mirror` prints them. */
export function mirrorItems(mirrors: readonly RepositoryMirror[]): readonly string[] {
  return mirrors.flatMap(({ source, mirror }) => [
    '- mirrors:',
    `  - ${plainText(mirror)}`,
    `  source: ${plainText(source)}`,
  ]);
}
