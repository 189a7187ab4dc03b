/** What items are made of, and which blobs they share. */
export { BlobOwners, withOwners } from './owned.ts';
export { type Sharing, sharingOf } from './sharing.ts';
export { walkItem } from './walk-item.ts';
