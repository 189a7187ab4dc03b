import { isLoopback } from '../../../internal/host.ts';
import { githubToken } from './token.ts';

/**
 * Returns the headers with which a page of GitHub's API is asked for. `GITHUB_TOKEN` is sent only to the origin of `base`, and
 * never in clear text over a network.
 *
 * @throws `ERR_USAGE_INVALID` for a `GITHUB_TOKEN` that cannot be sent
 */
export function githubHeaders(
  url: string,
  { base, env }: { readonly base: string; readonly env: Readonly<Record<string, string | undefined>> },
): Readonly<Record<string, string>> {
  const accept = 'application/vnd.github.v3+json';
  const token = githubToken(env);
  const { origin, protocol, hostname } = new URL(url);
  const isFor = origin === new URL(base).origin && (protocol === 'https:' || isLoopback(hostname));
  return token === undefined || !isFor ? { accept } : { accept, authorization: `Bearer ${token}` };
}
