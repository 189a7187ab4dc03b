/** Returns text as a TOML 1.0 basic string: JSON's escapes, with DEL escaped as well. */
export function tomlString(text: string): string {
  return JSON.stringify(text).replaceAll('\u007F', String.raw`\u007F`);
}
