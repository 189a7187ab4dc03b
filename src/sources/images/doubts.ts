import { compareText } from '../../internal/order.ts';
import type { Doubt } from '../../oci/roles.ts';
import type { SourceContext } from '../source.ts';

/** Registries that gave no answer about signatures. */
export class Doubts {
  /** By host: the first failure, and the images it leaves in doubt. */
  readonly #hosts = new Map<string, { readonly fact: string; readonly images: Set<string> }>();

  add({ host, fact }: Doubt, image: string): void {
    const known = this.#hosts.get(host) ?? { fact, images: new Set() };
    known.images.add(image);
    this.#hosts.set(host, known);
  }

  /** Warns once per host: what fails for one image most likely fails for the next. */
  tell({ warn }: Pick<SourceContext, 'warn'>): void {
    const hosts = [...this.#hosts].sort(([left], [right]) => compareText(left, right));
    for (const [host, { fact, images }] of hosts) {
      const [image = ''] = images;
      const subject = images.size === 1 ? `"${image}"` : `${images.size} images`;
      warn({
        level: 'warning',
        message: `Cannot look for signatures of ${subject} at "${host}": ${fact}`,
        hint: 'The bundle goes without any that may be there. With "signatures: false" none are looked for.',
      });
    }
  }
}
