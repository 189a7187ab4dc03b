/** The face of this folder: what finds out what files ask for, and compares it with what is there. */
export { readNames } from '../../sources/manifests/reading/read.ts';
export { farSide, type FarSideWish } from './asked.ts';
export { bundleHolding } from './bundle-holding.ts';
export { compareWanted, type MissingImage, type PresentImage } from './compare.ts';
export { leftOutOf, withReasons } from './left-out.ts';
export { namedImages } from './named-images.ts';
export { namingFiles } from './naming-files.ts';
export { namingSource } from './naming-source.ts';
export { nodeHolding } from './node-holding.ts';
export { registryHolding } from './registry-holding.ts';
export { releaseHoldings } from './release-holding.ts';
export { gatherWanted, type Lookalike } from './wanted.ts';
