import { mappingOf, writtenAs, type Written } from '../../include/written.ts';
import type { Sheet } from '../sheet.ts';
import { catalogOf } from './operators.ts';
import type { ImageSet, ImageSetChannel, ImageSetPlatform } from './schema.ts';

const PLATFORM = ['mirror', 'platform'] as const;

/** Returns releases and operators, or `undefined` when there are none. */
export function openshiftOf({ mirror }: ImageSet, sheet: Sheet): Written | undefined {
  const operators = sheet.list(
    ['mirror', 'operators'],
    mirror.operators.map((each, index) => catalogOf(each, ['mirror', 'operators', index], sheet)),
  );
  const { platform } = mirror;
  const releases = platform === undefined || platform === null ? {} : releasesOf(platform, sheet);
  if (operators === undefined && Object.keys(releases).length === 0) return undefined;
  return mappingOf({ ...releases, operators }, sheet.at('mirror'));
}

/** Returns releases by reference and channel, and what says which of them. */
function releasesOf(platform: ImageSetPlatform, sheet: Sheet): Readonly<Record<string, Written | undefined>> {
  refuseUnsupported(platform, sheet);
  const release = sheet.value(platform.release, ...PLATFORM, 'release');
  const channels = sheet.list(
    [...PLATFORM, 'channels'],
    platform.channels.map((channel, index) => channelOf(channel, index, sheet)),
  );
  if (release === undefined && channels === undefined) return {};
  const ocp = platform.channels.filter(({ type }) => type !== 'okd');
  return {
    releases: sheet.list([...PLATFORM, 'release'], [release]),
    channels,
    architecture: sheet.list(
      [...PLATFORM, 'architectures'],
      platform.architectures.map((name, index) =>
        writtenAs(name, sheet.at(...PLATFORM, 'architectures', index)),
      ),
    ),
    upgradePath: ocp.length > 1 ? writtenAs(true, sheet.at(...PLATFORM, 'channels')) : undefined,
  };
}

function refuseUnsupported(platform: ImageSetPlatform, sheet: Sheet): void {
  const { graph, kubeVirtContainer, platforms, release, channels, architectures } = platform;
  if (graph)
    sheet.refuse([...PLATFORM, 'graph'], 'a bundle does not carry an image of graph data', {
      hint: 'Take it out, or write false: without it, the OpenShift Update Service has to be given its graph data another way.',
    });
  if (kubeVirtContainer)
    sheet.refuse(
      [...PLATFORM, 'kubeVirtContainer'],
      'the image of KubeVirt is not looked up in the release',
      {
        hint: 'Take it out, and list the image under mirror.additionalImages.',
      },
    );
  if (platforms.length > 0)
    sheet.refuse(
      [...PLATFORM, 'platforms'],
      'it makes indexes whose platforms are not all there, which registries refuse',
      { hint: 'Write architectures: one or more, or [multi].' },
    );
  if (release !== '' && channels.length > 0)
    sheet.refuse([...PLATFORM, 'channels'], 'oc-mirror ignores it beside "release"', {
      hint: 'Take one of the two out.',
    });
  if (release !== '' && architectures.length > 0)
    sheet.tell([...PLATFORM, 'architectures'], 'the release is given by its reference');
}

/** Without bounds, oc-mirror takes the newest release; with "full", all of them; an upper bound alone begins at the oldest. */
function channelOf(channel: ImageSetChannel, index: number, sheet: Sheet): Written | undefined {
  const path = [...PLATFORM, 'channels', index];
  const { name, type, minVersion, maxVersion, shortestPath, full } = channel;
  if (type === 'okd')
    return sheet.refuse([...path, 'type'], 'the update service of OKD is not asked', {
      hint: 'Write the release of OKD under mirror.platform.release, or under openshift.releases of a spec, with its keys.',
    });
  const isBounded = minVersion !== '' || maxVersion !== '';
  return mappingOf(
    {
      name: sheet.value(name, ...path, 'name'),
      from: sheet.value(minVersion, ...path, 'minVersion'),
      to: sheet.value(maxVersion, ...path, 'maxVersion'),
      shortestPath: shortestPath ? writtenAs(true, sheet.at(...path, 'shortestPath')) : undefined,
      full: full && !isBounded ? writtenAs(true, sheet.at(...path, 'full')) : undefined,
    },
    sheet.at(...path),
  );
}
