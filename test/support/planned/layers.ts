import type { Origin, PlannedItem } from '../../../src/bundle/format/item.ts';
import { ANNOTATION } from '../../../src/oci/annotation.ts';
import type { Descriptor } from '../../../src/oci/descriptor.ts';

/** A file of a planned artifact. */
export interface PlannedLayer {
  readonly name: string;
  readonly descriptor: Descriptor;
  readonly origin: Origin;
}

/** Returns the files of an artifact in its order, by their titles. */
export function plannedFiles(planned: PlannedItem | undefined): readonly PlannedLayer[] {
  return [...(planned?.blobs ?? [])].flatMap(({ descriptor, origin }) => {
    const name = descriptor.annotations?.[ANNOTATION.title];
    return name === undefined ? [] : [{ name, descriptor, origin }];
  });
}
