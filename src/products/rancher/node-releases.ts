import { compareText } from '../../internal/order.ts';
import { installerImage, upgradeImage } from '../distribution/upgrade-images.ts';
import { compareTags, type ReleaseTag } from '../distribution/tag.ts';
import { parseK3sTag } from '../k3s/tag.ts';
import { parseRke2Tag } from '../rke2/tag.ts';
import { fullName } from './image-sources.ts';

/** A release of K3s or RKE2 for the nodes that Rancher provisions and upgrades. */
export interface NodeRelease {
  readonly distribution: 'k3s' | 'rke2';
  readonly tag: ReleaseTag;
}

/** How a spec names versions of Kubernetes: `v1.31`, `v1.31.2` or the tag of a release, `v1.31.2+rke2r1`. */
export const KUBERNETES_WORD: RegExp =
  /^v?1\.\d{1,4}(?:\.\d{1,4}(?:-(?:alpha|beta|rc)\.?\d{1,4})?(?:\+(?:k3s|rke2r)\d{1,6})?)?$/;

const PARSERS = { k3s: parseK3sTag, rke2: parseRke2Tag } as const;

/** `rancher/k3s-upgrade:v1.30.4-k3s1`, `rancher/system-agent-installer-rke2:v1.30.4-rke2r1` */
const IMAGE =
  /^docker\.io\/rancher\/(?:system-agent-installer-(k3s|rke2)|(k3s|rke2)-upgrade):(v[\w.-]+)-((?:k3s|rke2r)\d+)$/;

/** Returns the releases whose images are listed, the oldest first. */
export function listedReleases(images: Iterable<string>): readonly NodeRelease[] {
  const releases = [...images].flatMap((image): readonly NodeRelease[] => {
    const [, installed, upgraded, version = '', build = ''] = IMAGE.exec(fullName(image) ?? '') ?? [];
    return releaseOf(`${version}+${build}`).filter(
      ({ distribution }) => distribution === (installed ?? upgraded),
    );
  });
  const distinct = new Map(releases.map((release) => [release.tag.tag, release]));
  return [...distinct.values()].sort(
    (left, right) => compareText(left.distribution, right.distribution) || compareTags(left.tag, right.tag),
  );
}

/** Returns the release that a whole tag names; none for any other word. */
export function namedRelease(word: string): NodeRelease | undefined {
  return releaseOf(`v${word.replace(/^v/, '')}`)[0];
}

/** Returns whether a word of a spec means a release. */
export function isMeant(word: string, { tag }: NodeRelease): boolean {
  const wanted = word.replace(/^v/, '');
  return [tag.tag.replace(/^v/, ''), tag.version, `${tag.major}.${tag.minor}`].includes(wanted);
}

/** Returns the images that Rancher upgrades to a release and provisions it with, by full reference. */
export function nodeImages({ distribution, tag }: NodeRelease): readonly string[] {
  const images = [upgradeImage(distribution, tag.tag), installerImage(distribution, tag.tag)];
  return images.flatMap((image) => fullName(image) ?? []);
}

/** For messages: `K3s v1.31.5+k3s1`. */
export function titleOf({ distribution, tag }: NodeRelease): string {
  return `${nameOf(distribution)} ${tag.tag}`;
}

/** Returns what people call a distribution. */
export function nameOf(distribution: NodeRelease['distribution']): string {
  return distribution === 'k3s' ? 'K3s' : 'RKE2';
}

function releaseOf(tag: string): readonly NodeRelease[] {
  return (['k3s', 'rke2'] as const).flatMap((distribution) => {
    const parsed = PARSERS[distribution](tag);
    return parsed === undefined ? [] : [{ distribution, tag: parsed }];
  });
}
