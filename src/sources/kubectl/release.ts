import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import { type SourceContext, urlOf } from '../source.ts';
import { KUBERNETES } from './upstreams.ts';
import { urlBelow } from '../web/url-path.ts';

/** Returns the newest release of `1.<minor>`, for example `1.30.14`, or `undefined` when there is none yet. */
export async function newestPatch(minor: number, context: SourceContext): Promise<string | undefined> {
  return await marker(`stable-1.${minor}.txt`, context);
}

/** Returns the newest stable release of Kubernetes, or `undefined` when a mirror has no such file. */
export async function newestRelease(context: SourceContext): Promise<string | undefined> {
  return await marker('stable.txt', context);
}

/** Kubernetes publishes the newest release of each line as a one-word file (kubernetes/release, "version markers"). */
async function marker(name: string, context: SourceContext): Promise<string | undefined> {
  const url = urlBelow(urlOf(KUBERNETES, context), 'release', name);
  try {
    const { body } = await context.web.query(url, { signal: context.signal });
    const version = /^v(\d+\.\d+\.\d+)\s*$/.exec(Buffer.from(body).toString('utf8'))?.[1];
    if (version !== undefined) return version;
  } catch (error) {
    if (isSaddlebagError(error, 'ERR_UPSTREAM_NOT_FOUND')) return undefined;
    throw error;
  }
  throw new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot read "${redactUrl(url)}": it is not a version`);
}
