import { factOf, isSaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { formatCount } from '../../internal/format.ts';
import { REQUESTS_AT_ONCE } from '../../internal/http/host.ts';
import { mapConcurrently } from '../../internal/gate.ts';
import type { Registry, WaitOptions } from '../../oci/roles.ts';
import type { PushedImage } from './images.ts';

/**
 * Asks for every image as a client would: by digest, and by its tag. Of those that planning found under their tag, only the tag may have
 * moved; what it names now is asked once more.
 */
export async function proveImages(
  registry: Registry,
  images: readonly PushedImage[],
  options: WaitOptions & { readonly place: string; readonly known: ReadonlySet<PushedImage> },
): Promise<readonly Finding[]> {
  const facts = await mapConcurrently(images, REQUESTS_AT_ONCE, async (image) => {
    const repository = registry.repository(image.reference.repository);
    const { descriptor } = image.item;
    const about = image.name;
    try {
      const { tag } = image.reference;
      const wait = { signal: options.signal };
      const [held, found] = await Promise.all([
        tag !== undefined && options.known.has(image)
          ? descriptor
          : repository.resolve(descriptor.digest, wait),
        tag === undefined ? descriptor : repository.resolve(tag, wait),
      ]);
      if (held === undefined) return { about, message: `${image.name} is not there as ${descriptor.digest}` };
      if (found?.digest === descriptor.digest) return undefined;
      const state = found === undefined ? 'not there' : found.digest;
      return { about, message: `${image.name} is ${state}, expected ${descriptor.digest}` };
    } catch (error) {
      if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
      return { about, message: `${image.name} cannot be asked for: ${factOf(error)}`, hint: error.hint };
    }
  });
  const errors = facts.filter((fact) => fact !== undefined);
  const proven = images.filter((_, index) => facts[index] === undefined);
  const summary: Finding = {
    level: 'ok',
    message: `${options.place} answers for ${countOf(proven)} by digest and by name`,
  };
  return [
    ...(proven.length === 0 ? [] : [summary]),
    ...errors.map((fact): Finding => ({ level: 'error', ...fact })),
  ];
}

/** Returns `2 images and 1 signature`. */
function countOf(images: readonly PushedImage[]): string {
  const kinds = (['image', 'chart', 'signature'] as const).map((kind) => ({
    kind,
    count: images.filter(({ item }) => item.kind === kind).length,
  }));
  return kinds
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => formatCount(count, kind))
    .join(' and ');
}
