import { isRecord } from '../../internal/json.ts';
import { imageTextOf } from './image-text.ts';

/** Programs of KubeVirt that every release has an image of; which others there are differs (KubeVirt, `images` of a release). */
const PROGRAMS = ['virt-api', 'virt-controller', 'virt-handler', 'virt-launcher'] as const;

/** What a KubeVirt object (`kubevirt.io`) says about where its images are. */
export interface KubeVirtImages {
  /** Full once both registry and tag are told; empty when virt-operator fills one of them in from its own image. */
  readonly images: readonly string[];
  /** The field that stands for them. */
  readonly key: 'imageRegistry' | 'imageTag';
}

/** Returns what `spec.imageRegistry` and `spec.imageTag` make of the images; `undefined` where neither is set. */
export function kubeVirtImages(spec: unknown): KubeVirtImages | undefined {
  if (!isRecord(spec)) return undefined;
  const [registry, tag] = [spec['imageRegistry'], spec['imageTag']].map((value) =>
    typeof value === 'string' && value !== '' ? value : undefined,
  );
  if (registry === undefined && tag === undefined) return undefined;
  const key = tag === undefined ? 'imageRegistry' : 'imageTag';
  if (registry === undefined || tag === undefined) return { images: [], key };
  return { images: PROGRAMS.flatMap((name) => imageTextOf(`${registry}/${name}:${tag}`) ?? []), key };
}
