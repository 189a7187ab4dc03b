/** A mount of this host. */
interface Mount {
  readonly point: string;
  readonly options: ReadonlySet<string>;
}

/**
 * Returns the options of the mount that `path` is on, by the text of `/proc/self/mountinfo` (proc(5)); none when no mount has it.
 */
export function mountOptions(path: string, mountinfo: string): ReadonlySet<string> {
  const mounts = mountinfo.split('\n').flatMap((line): Mount[] => {
    const [, , , , point, options] = line.split(' ');
    return point === undefined || options === undefined
      ? []
      : [{ point: unescaped(point), options: new Set(options.split(',')) }];
  });
  // The last of several mounts at one place hides the others.
  const holding = mounts.filter(({ point }) => isOn(path, point));
  const longest = Math.max(0, ...holding.map(({ point }) => point.length));
  return holding.findLast(({ point }) => point.length === longest)?.options ?? new Set();
}

function isOn(path: string, point: string): boolean {
  return point === '/' || path === point || path.startsWith(`${point}/`);
}

/** Blanks and the like are written as three octal digits. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
