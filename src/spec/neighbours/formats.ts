import type { IncludeFormat } from '../include/format.ts';
import { edgeImage } from './edge-image/format.ts';
import { hauler } from './hauler/format.ts';
import { imageSet } from './image-set/format.ts';
import { imagesLock } from './images-lock.ts';
import { zarf } from './zarf/format.ts';

/** Every kind of file of another program that a spec can include. A new one is a line here. */
export const FORMATS: readonly IncludeFormat[] = [hauler, zarf, edgeImage, imageSet, imagesLock];
