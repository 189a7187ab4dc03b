import { hexOf, parseDigest } from '../../oci/digest.ts';

/**
 * Returns the script that brings a kit from a server into this user's own folder: `curl … | sh`. It holds the digest of
 * `SHA256SUMS`, which the server's page shows, and takes nothing that differs from it. It fetches one archive, and takes out of it
 * what the sums name once they are checked. POSIX sh, tar, and curl or wget, those of busybox included. Nothing runs before it is
 * read whole.
 */
export function shellInstaller({
  origin,
  digest,
}: {
  readonly origin: string;
  readonly digest: string;
}): string {
  const hex = hexOf(parseDigest(digest));
  return `#!/bin/sh
# Brings the program and its runtime from ${origin} into this user's own folder, checked by
# sha256:${hex}
main() {
  set -eu
  site='${origin}/kit'
  want='${hex}'
  case $(uname -s)-$(uname -m) in
    Linux-x86_64 | Linux-amd64) name=linux-x64 ;;
    Linux-aarch64 | Linux-arm64) name=linux-arm64 ;;
    Darwin-x86_64) name=darwin-x64 ;;
    Darwin-arm64) name=darwin-arm64 ;;
    *) fail "there is no runtime for $(uname -s) on $(uname -m)" ;;
  esac
  if command -v curl >/dev/null 2>&1; then get() { curl -fsS --netrc-optional --retry 3 -o "$1" "$2"; }
  elif command -v wget >/dev/null 2>&1; then get() { wget -q -O "$1" "$2"; }
  else fail 'curl or wget is needed'; fi
  if command -v sha256sum >/dev/null 2>&1; then sum() { sha256sum "$@"; }
  elif command -v shasum >/dev/null 2>&1; then sum() { shasum -a 256 "$@"; }
  else fail 'sha256sum or shasum is needed'; fi
  [ -d "\${HOME:-}" ] || fail 'HOME is needed'
  data=\${XDG_DATA_HOME:-$HOME/.local/share}/saddlebag
  to=$data/kit-${hex.slice(0, 12)}
  part=$to.partial.$$
  mkdir -p "$part"
  archive=$part.tar
  trap 'rm -rf "$part" "$archive"' EXIT
  get "$archive" "$site/archive/$name.tar" || fail "$site/archive/$name.tar cannot be fetched: is there a runtime for $name?"
  tar -xf "$archive" -C "$part" SHA256SUMS || fail 'what arrived is no archive'
  found=$(sum <"$part/SHA256SUMS")
  [ "\${found%% *}" = "$want" ] || fail "SHA256SUMS is not what this script was made for: fetch the script again"
  grep -E "^[0-9a-f]{64}  (bundle|kit/kit\\.json|kit/(program|licences|node/$name)/[A-Za-z0-9._/-]+)$" "$part/SHA256SUMS" >"$part/list"
  grep -q "  kit/node/$name/" "$part/list" || fail "the server has no runtime for $name"
  (
    cd "$part"
    set --
    while read -r _ path; do set -- "$@" "$path"; done <list
    tar -xf "$archive" "$@" || exit 1
    sum -c list >/dev/null || exit 1
    rm list
    chmod +x bundle "kit/node/$name/node"
  ) || fail 'what arrived is not what was sent: run this again'
  rm -rf "$to"
  mv "$part" "$to"
  bin=$HOME/.local/bin
  mkdir -p "$bin"
  ln -sf "$to/bundle" "$bin/bundle"
  "$bin/bundle" version >/dev/null
  echo "Saddlebag is in $to, its command is $bin/bundle"
  case ":$PATH:" in *":$bin:"*) ;; *) echo "Put it on the PATH: export PATH=\\"$bin:\\$PATH\\"" ;; esac
}
fail() {
  printf 'error: Cannot bring Saddlebag here: %s\\n' "$1" >&2
  exit 1
}
main
`;
}
