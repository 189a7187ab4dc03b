import { canonicalHost, type MirrorSettings, type RegistrySettings } from './settings.ts';

/**
 * Returns the settings for a push. A push, with every question about it, goes to the named registry itself: a mirror may be out
 * of date. Of the mirrors, only the registry itself is kept, because that entry says that it speaks plain HTTP.
 */
export function pushSettings(settings: RegistrySettings | undefined): RegistrySettings | undefined {
  if (settings === undefined) return undefined;
  const mirrors = Object.entries(settings.mirrors ?? {}).map(([host, mirror]): [string, MirrorSettings] => {
    const own = (mirror?.endpoint ?? []).filter(
      (url) => canonicalHost(URL.parse(url)?.host ?? '') === canonicalHost(host),
    );
    return [host, { endpoint: own }];
  });
  return { ...settings, mirrors: Object.fromEntries(mirrors) };
}
