import semver from 'semver';
import type { ArtifactFile } from '../../oci/artifact.ts';
import { hexOf } from '../../oci/digest.ts';
import type { Route, Site } from '../http/exchange.ts';
import type { Library } from '../holdings/library.ts';
import { sendNotFound, sendText } from '../http/not-found.ts';
import { fileRoute, filesOfItem, type ItemOf, itemsOf } from './shelf.ts';
import { StrongerSums } from './stronger-sums.ts';

const CLIENT = /^kubectl(\.exe)?$/;
const SUM = /^(kubectl(?:\.exe)?)\.(sha256|sha512)$/;
const MARKER = /^stable(?:-1\.(\d{1,3}))?\.txt$/;

/** Serves kubectl downloads the way `dl.k8s.io` does, for kuberlr and for people. */
export function kubectlSite(library: Library): Site {
  const sums = new StrongerSums(library.blobs);
  return ([first, version = '', third, os, architecture, name = '', ...more]) => {
    if (first !== 'release' || more.length > 0) return undefined;
    const [, minor] = MARKER.exec(version) ?? [];
    if (third === undefined) return MARKER.test(version) ? markerRoute(library, minor) : undefined;
    if (third !== 'bin') return undefined;
    const client = (): Promise<ArtifactFile | undefined> =>
      clientOf(library, version, `${os}/${architecture}`);
    if (CLIENT.test(name)) {
      return fileRoute('kubectl', library, async () => {
        const file = await client();
        return file?.name === name ? file : undefined;
      });
    }
    const [, program, algorithm] = SUM.exec(name) ?? [];
    if (program === undefined) return undefined;
    return {
      name: 'kubectl',
      handle: async (exchange) => {
        const file = await client();
        if (file?.name !== program) return sendNotFound(exchange);
        const { digest } = file.descriptor;
        // Only the hex digits, as upstream sends them: kuberlr compares the whole document.
        sendText(exchange, algorithm === 'sha256' ? hexOf(digest) : await sums.sha512(digest));
      },
    };
  };
}

async function clientOf(
  library: Library,
  version: string,
  platform: string,
): Promise<ArtifactFile | undefined> {
  const item = itemsOf(library, 'kubectl').find(
    (one) => `v${one.version}` === version && one.platform === platform,
  );
  const files = item === undefined ? [] : await filesOfItem(library, 'kubectl', item.name);
  return files[0];
}

/** The newest version served stands in for the latest release (kubernetes/release, "version markers"). */
function markerRoute(library: Library, minor: string | undefined): Route {
  return {
    name: 'kubectl',
    handle: async (exchange) => {
      const isMeant = ({ version }: ItemOf<'kubectl'>): boolean =>
        semver.prerelease(version) === null &&
        (minor === undefined || semver.minor(version) === Number(minor));
      const versions = itemsOf(library, 'kubectl')
        .filter(isMeant)
        .map(({ version }) => version);
      const newest = versions.sort(semver.compare).at(-1);
      if (newest === undefined) return sendNotFound(exchange);
      sendText(exchange, `v${newest}`);
    },
  };
}
