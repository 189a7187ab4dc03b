/** The face of this folder: what compares what files ask for with what is there. */
export { readNames } from '../../sources/manifests/reading/read.ts';
export { bundleHolding } from './bundle-holding.ts';
export { compareWanted, type MissingImage, type PresentImage } from './compare.ts';
export { namingFiles } from './naming-files.ts';
export { gatherWanted, type Lookalike } from './wanted.ts';
