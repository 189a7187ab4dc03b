import type { IncludeFormat } from '../include/format.ts';
import { imageSet } from './image-set/format.ts';

/** Every kind of file of another program that a spec can include. A new one is a line here. */
export const FORMATS: readonly IncludeFormat[] = [imageSet];
