/** A chart from the builder's own disk has no registry; its name in a bundle begins with this instead. */
const LOCAL_HOST = 'localhost';

/** The name prefix of charts from the builder's own disk, in parts. */
export const LOCAL_CHARTS: readonly string[] = [LOCAL_HOST, 'charts'];

/** Returns the tag Helm uses for a version: a tag cannot hold `+`. */
export function chartTag(version: string): string {
  return version.replaceAll('+', '_');
}

/** Returns whether a chart came from the builder's own disk, judged by its name in a bundle. */
export function isLocalChart(name: string): boolean {
  return name.startsWith(`${LOCAL_HOST}/`);
}
