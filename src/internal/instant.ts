/** Returns a moment (seconds since 1970) for people: `2026-08-20 14:05:00 UTC`. */
export function formatInstant(seconds: number): string {
  return new Date(seconds * 1000)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
}
