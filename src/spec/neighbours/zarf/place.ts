import type { Path } from '../../yaml/place.ts';
import type { Sheet } from '../sheet.ts';

/** Where a component is, and for which architecture the package is, if it says so. */
export interface ComponentPlace {
  readonly path: Path;
  readonly architecture: string;
  readonly sheet: Sheet;
}
