/** A chart of the builder's own disk has no registry: its name in a bundle begins with this. */
const LOCAL_HOST = 'localhost';

/** Where charts of the builder's own disk are named. */
export const LOCAL_CHARTS: readonly string[] = [LOCAL_HOST, 'charts'];

/** Returns what Helm makes of a version where only a tag can stand, which has no room for `+`. */
export function chartTag(version: string): string {
  return version.replaceAll('+', '_');
}

/** Returns whether a chart came from the builder's own disk, by its name in a bundle. */
export function isLocalChart(name: string): boolean {
  return name.startsWith(`${LOCAL_HOST}/`);
}
