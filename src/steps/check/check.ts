/** The face of this folder: what compares what files ask for with what is there. */
export { readNames } from '../../sources/manifests/reading/read.ts';
export { farSide, type FarSideWish } from './asked.ts';
export { bundleHolding } from './bundle-holding.ts';
export { compareWanted, type MissingImage, type PresentImage } from './compare.ts';
export { leftOutOf, withReasons } from './left-out.ts';
export { namingFiles } from './naming-files.ts';
export { nodeHolding } from './node-holding.ts';
export { registryHolding } from './registry-holding.ts';
export { gatherWanted, type Lookalike } from './wanted.ts';
