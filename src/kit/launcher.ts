/**
 * The launcher for Linux, macOS and shells on Windows, in POSIX sh: it runs in dash, bash, zsh and busybox. It checks the runtime
 * against `SHA256SUMS` the first time and again when the file changed. Where the medium lets no program start ("noexec", or FAT
 * with "showexec"), it copies the runtime into this user's cache. Its own errors leave with 2, damage with 3.
 */
export const LAUNCHER = `#!/bin/sh
# Starts the program of this kit with the runtime of this kit. Where the medium lets no program start: sh bundle ...
PATH="\${PATH:+$PATH:}/usr/local/bin:/usr/bin:/bin"
export PATH

fail() {
  printf 'error: Cannot start: %s\\n' "$1" >&2
  exit "\${2:-2}"
}

# Where this file is, also when it was started by a link.
self=$0
while [ -L "$self" ]; do
  to=$(readlink "$self")
  case $to in /*) self=$to ;; *) self=\${self%/*}/$to ;; esac
done
case $self in */*) here=\${self%/*}/ ;; *) here=./ ;; esac
here=$(CDPATH='' cd -- "$here" && pwd) || fail "its folder cannot be entered"

system=$(uname -s)
machine=$(uname -m)
case $machine in
  x86_64 | amd64) cpu=x64 ;;
  aarch64 | arm64) cpu=arm64 ;;
  *) cpu=$machine ;;
esac
program=node
case $system in
  Linux) name=linux-$cpu ;;
  Darwin) name=darwin-$cpu ;;
  MINGW* | MSYS* | CYGWIN*) name=win-x64 program=node.exe ;;
  *) name=$system-$cpu ;;
esac
path=kit/node/$name/$program
node=$here/$path
[ -f "$node" ] ||
  fail "this kit has no runtime for $system on $machine, only for: $(cd "$here/kit/node" 2>/dev/null && echo *)"

if [ "$system" = Linux ]; then
  case $cpu in x64) loader=/lib64/ld-linux-x86-64.so.2 ;; *) loader=/lib/ld-linux-aarch64.so.1 ;; esac
  [ -e "$loader" ] || fail "the runtime needs glibc 2.28 or newer, and this system has no $loader: it does not run with musl"
  libc=$(getconf GNU_LIBC_VERSION 2>/dev/null)
  case $libc in
    'glibc 2.'*)
      minor=\${libc#glibc 2.}
      [ "\${minor%%.*}" -ge 28 ] || fail "the runtime needs glibc 2.28 or newer, and this system has $libc"
      ;;
  esac
fi

if command -v sha256sum >/dev/null 2>&1; then sum() { sha256sum; }
elif command -v shasum >/dev/null 2>&1; then sum() { shasum -a 256; }
elif command -v openssl >/dev/null 2>&1; then sum() { openssl dgst -sha256 -r; }
else sum() { return 1; }
fi
hex() { line=$(sum) && printf '%s' "\${line%% *}"; }

want=
while read -r digest file || [ -n "$digest" ]; do
  if [ "$file" = "$path" ]; then want=$digest; fi
done <"$here/SHA256SUMS" || fail "\\"$here/SHA256SUMS\\" cannot be read: copy the kit again" 3
[ -n "$want" ] || fail "\\"$here/SHA256SUMS\\" has no line for $path: copy the kit again" 3

# A folder that this user alone may write to.
own() {
  (umask 077 && mkdir -p "$1") 2>/dev/null && [ -d "$1" ] && [ -O "$1" ] && [ ! -L "$1" ] && [ -w "$1" ]
}
if [ -n "\${XDG_CACHE_HOME:-}" ]; then cache=$XDG_CACHE_HOME/saddlebag
elif [ ! -d "\${HOME:-}" ]; then cache=/
elif [ "$system" = Darwin ]; then cache=$HOME/Library/Caches/saddlebag
else cache=$HOME/.cache/saddlebag
fi
if [ "$cache" = / ] || ! own "$cache"; then
  cache=\${TMPDIR:-/tmp}/saddlebag-$(id -u)
  own "$cache" || cache=
fi
copy=$cache/node-$want

# Changes with the runtime, its copy and the sums. The sums are checked anew when any of them changed.
state() {
  { ls -lni "$node"; ls -lni "$copy" 2>/dev/null; cat "$here/SHA256SUMS"; } | hex
}
is_sound() {
  found=$(hex <"$1") || { echo 'warning: No sha256sum is here, so the runtime is not checked' >&2; return 0; }
  [ "$found" = "$want" ]
}

how=
if [ -n "$cache" ] && mark=$cache/checked-$(state) && [ -f "$mark" ]; then read -r how <"$mark"; fi
if [ "$how" = here ] && [ ! -x "$node" ]; then how=; fi
if [ -z "$how" ]; then
  is_sound "$node" || fail "\\"$node\\" is damaged: copy the kit again" 3
  answer=$("$node" --version 2>&1)
  case $? in
    0) how=here ;;
    126) how=copy ;;
    *)
      [ "$system" != Darwin ] ||
        answer="$answer; where macOS keeps what was downloaded from starting: xattr -dr com.apple.quarantine '$here'"
      fail "the runtime does not start here: $answer"
      ;;
  esac
  if [ "$how" = copy ]; then
    [ -n "$cache" ] || fail "this medium lets no program start, and this user has no folder to copy the runtime to"
    if [ ! -f "$copy" ] || ! is_sound "$copy"; then
      printf 'This medium lets no program start: copying the runtime to "%s", once\\n' "$copy" >&2
      cp "$node" "$copy.$$" && chmod 700 "$copy.$$" && is_sound "$copy.$$" && mv -f "$copy.$$" "$copy" ||
        { rm -f "$copy.$$"; fail "the runtime cannot be copied to \\"$copy\\"" 6; }
    fi
    answer=$("$copy" --version 2>&1) || fail "the runtime does not start, nor does its copy \\"$copy\\": $answer"
  fi
  if [ -n "$cache" ]; then echo "$how" >"$cache/checked-$(state)"; fi
fi
[ "$how" = here ] || node=$copy
exec "$node" "$here/kit/program/start.mjs" "$@"
`;

/**
 * The launcher for Windows, whose own checks are those of `start.mjs`. Without arguments, as after a double click, it opens the
 * page too.
 */
export const WINDOWS_LAUNCHER: string = [
  '@echo off',
  'setlocal DisableDelayedExpansion',
  'set "HERE=%~dp0"',
  // cmd.exe ends at 259 characters, and starts no program beyond; the short names of a deep folder lead there all the same.
  'if not "%HERE:~200,1%"=="" set "HERE=%~dps0"',
  'if not exist "%HERE%kit\\node\\win-x64\\node.exe" goto none',
  'if "%~1"=="" start "" "%HERE%START-HERE.html"',
  '"%HERE%kit\\node\\win-x64\\node.exe" "%HERE%kit\\program\\start.mjs" %*',
  'set "STATUS=%ERRORLEVEL%"',
  // The window of a double click would close before anybody has read why.
  'if "%~1"=="" if not "%STATUS%"=="0" pause',
  'exit /b %STATUS%',
  ':none',
  'echo error: Cannot start: this kit has no runtime for Windows, or its path is too long: copy it nearer to the root 1>&2',
  'exit /b 2',
  '',
].join('\r\n');
