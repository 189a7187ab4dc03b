/** The settings of one profile: values by key. */
export type Profile = ReadonlyMap<string, string>;

/**
 * Returns the profiles of an AWS file by name (AWS SDKs and Tools Reference Guide, "Shared config and credentials files"). In
 * `config`, a name other than "default" stands behind the word "profile"; in `credentials` it stands alone. Of settings that
 * belong to another setting, which are indented, none is kept.
 */
export function parseProfiles(text: string, file: 'config' | 'credentials'): ReadonlyMap<string, Profile> {
  const profiles = new Map<string, Map<string, string>>();
  let profile: Map<string, string> | undefined;
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    if (/^\s*(?:[#;]|$)/.test(line)) continue;
    const section = /^\[([^\]]*)\]/.exec(line)?.[1];
    if (section !== undefined) {
      const name = profileName(section, file);
      profile = name === undefined ? undefined : (profiles.get(name) ?? new Map());
      if (name !== undefined && profile !== undefined) profiles.set(name, profile);
      continue;
    }
    const [, key, value = ''] = /^([^\s=][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    // A comment behind a value begins after a blank.
    if (key !== undefined) profile?.set(key.toLowerCase(), value.replace(/\s+[#;].*$/, ''));
  }
  return profiles;
}

function profileName(section: string, file: 'config' | 'credentials'): string | undefined {
  const text = section.trim();
  if (file === 'credentials' || text === 'default') return unquoted(text);
  const name = /^profile\s+(.+)$/.exec(text)?.[1];
  return name === undefined ? undefined : unquoted(name);
}

function unquoted(text: string): string {
  return /^(["'])(.*)\1$/.exec(text)?.[2] ?? text;
}
