import { compileRewrite } from './rewrite.ts';
import { canonicalHost, type RegistrySettings, settingOf } from './settings.ts';

/** Where a node asks for a repository. */
export interface AskedRepository {
  /** Host with its port. */
  readonly host: string;
  readonly repository: string;
}

/**
 * Returns where a node with these settings asks for a repository before it asks the registry itself: the endpoints of its
 * mirrors in order, with the name that their rewrites make of it.
 *
 * @throws `ERR_REGISTRIES_INVALID` for a rewrite that is no regular expression
 */
export function mirroredNames(
  { registry, repository }: { readonly registry: string; readonly repository: string },
  settings: RegistrySettings,
): readonly AskedRepository[] {
  const mirror = settingOf(settings.mirrors, registry);
  const name = compileRewrite(mirror?.rewrite)(repository);
  return (mirror?.endpoint ?? []).flatMap((text) => {
    const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`);
    if (url === null) return [];
    // A path behind "/v2" is the beginning of every name there.
    const prefix = url.pathname.replace(/^\/(?:v2(?=\/|$))?\/?|\/+$/g, '');
    return [{ host: canonicalHost(url.host), repository: prefix === '' ? name : `${prefix}/${name}` }];
  });
}
