import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program of the field that does a part of our job, as shell lines. `$HOST` is the registry. */
export interface Peer {
  readonly name: string;
  /** Once per run, before anything is timed. */
  readonly prepare?: string;
  /** Brings image `$1` into the new folder `$2`; for `$1` of all images at once where `isWhole`. */
  readonly fetch: string;
  /** Sends what `fetch` left in folder `$2` to `$HOST` under the name `$1`. */
  readonly push: string;
  /** Whether one call does all images: `$1` is then a file with a name a line. */
  readonly isWhole?: boolean;
}

/** As their own help says; each keeps an OCI layout an image, of which it can push, and hauler its one archive. */
const PEERS: readonly Peer[] = [
  {
    name: 'crane',
    fetch: 'crane pull --format oci "$1" "$2"',
    push: 'crane push "$2" "$HOST/${1#*/}"',
  },
  {
    name: 'oras',
    fetch: 'oras cp --from-plain-http "$1" --to-oci-layout "$2:v1"',
    push: 'oras cp --from-oci-layout "$2:v1" --to-plain-http "$HOST/${1#*/}"',
  },
  {
    name: 'regctl',
    fetch: 'regctl --host "reg=${1%%/*},tls=disabled" image copy "$1" "ocidir://$2:v1"',
    push: 'regctl --host "reg=$HOST,tls=disabled" image copy "ocidir://$2:v1" "$HOST/${1#*/}"',
  },
  {
    name: 'skopeo',
    fetch: 'skopeo copy --all --src-tls-verify=false "docker://$1" "oci:$2:v1"',
    push: 'skopeo copy --all --dest-tls-verify=false "oci:$2:v1" "docker://$HOST/${1#*/}"',
  },
  {
    name: 'hauler',
    isWhole: true,
    fetch: [
      'mkdir "$2"',
      '(echo "apiVersion: content.hauler.cattle.io/v1"; echo "kind: Images"; echo "metadata: { name: bench }"; echo "spec:"; echo "  images:"; sed "s/^/    - name: /" "$1") > "$2/bench.yaml"',
      'hauler store sync --store "$2/store" -f "$2/bench.yaml"',
      'hauler store save --store "$2/store" -f "$2/haul.tar.zst"',
      'rm -r "$2/store"',
    ].join(' && '),
    push: 'hauler store load --store "$2/loaded" -f "$2/haul.tar.zst" && hauler store copy --plain-http --store "$2/loaded" "registry://$HOST" && rm -r "$2/loaded"',
  },
];

/** Returns the peers that are on the PATH, and the names of those that are not. */
export function peersHere(): { readonly here: readonly Peer[]; readonly missing: readonly string[] } {
  const { here = [], missing = [] } = Object.groupBy(PEERS, ({ name }) =>
    isHere(name) ? 'here' : 'missing',
  );
  return { here, missing: missing.map(({ name }) => name) };
}

function isHere(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
