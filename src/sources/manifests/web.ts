import { redactUrl } from '../../internal/http/redact.ts';
import { streamOf } from '../../internal/bytes.ts';
import { mapCollecting } from '../../internal/problems.ts';
import { PathGuard } from '../../internal/path/guard.ts';
import { fileOfBytes } from '../images/planned-artifact.ts';
import type { SourceContext } from '../source.ts';
import { admit, type ManifestsWish, namesIn, titleOf } from './manifests.ts';

const CONCURRENCY = 4;

/**
 * Returns the manifests of a spec with those of web servers, which the lock pins.
 *
 * @throws `ProblemsError` with every one that cannot be had or read
 */
export async function withWebManifests(wish: ManifestsWish, context: SourceContext): Promise<ManifestsWish> {
  if (wish.urls.length === 0) return wish;
  const guard = new PathGuard();
  for (const { name } of wish.files) guard.admit(name);
  const { signal } = context;
  const read = await mapCollecting(wish.urls, {
    code: 'ERR_RESOLVE_FAILED',
    message: () => 'Cannot read the manifests of the spec',
    limit: CONCURRENCY,
    map: async (url) => {
      const { hostname, pathname } = new URL(url);
      const name = titleOf(`${hostname.replaceAll(/[[\]:]/g, '_')}${decodedPath(pathname)}`);
      admit(guard, name, redactUrl(url));
      const bytes = await context.web.document(url, { signal });
      const named = { name: redactUrl(url), open: () => streamOf(bytes) };
      return { file: fileOfBytes(name, bytes), ...(await namesIn(named, { signal })) };
    },
  });
  return {
    files: [...wish.files, ...read.map(({ file }) => file)],
    urls: wish.urls,
    mentions: [...wish.mentions, ...read.flatMap(({ mentions }) => mentions)],
    remarks: [...wish.remarks, ...read.flatMap(({ remarks }) => remarks)],
  };
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
