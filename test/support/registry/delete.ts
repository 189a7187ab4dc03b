import type { RegistryContent } from './content.ts';
import { type Exchange, reply, replyError } from './exchange.ts';

/** Distribution specification, "Deleting Manifests": by digest, with every tag that stands for it. */
export async function deleteManifest(
  exchange: Exchange,
  content: RegistryContent,
  name: string,
  reference: string,
): Promise<void> {
  const found = content.manifest(name, reference);
  const repository = content.find(name);
  if (found === undefined || repository === undefined)
    return replyError(exchange, 404, { code: 'MANIFEST_UNKNOWN', detail: { reference } });
  repository.manifests.delete(found.digest);
  for (const [tag, digest] of repository.tags) if (digest === found.digest) repository.tags.delete(tag);
  await reply(exchange, 202, {});
}
