/** Returns text as a basic string of TOML 1.0: JSON's escapes, and DEL must be escaped too. */
export function tomlString(text: string): string {
  return JSON.stringify(text).replaceAll('\u007F', String.raw`\u007F`);
}
