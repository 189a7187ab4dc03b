import { canonicalHost, type MirrorSettings, type RegistrySettings } from './settings.ts';

/**
 * Returns the settings for a push. Pushing goes to the very registry that was named, and so does every question about it: a mirror of it may know older
 * things. Of its mirrors only itself is kept, which is how the settings say that it speaks plain HTTP.
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
