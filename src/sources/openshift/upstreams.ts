import type { Upstream } from '../../spec/part.ts';

/** The update service: asked for one channel with `?channel=stable-4.20&arch=amd64`. */
export const GRAPH: Upstream = {
  name: 'openshiftGraph',
  url: 'https://api.openshift.com/api/upgrades_info/v1/graph',
};

/** Signatures are at `sha256=<hex>/signature-<n>` below it; those of openshift/cluster-update-keys. */
export const SIGNATURES: Upstream = {
  name: 'openshiftSignatures',
  url: 'https://mirror.openshift.com/pub/openshift-v4/signatures/openshift/release',
  others: ['https://storage.googleapis.com/openshift-release/official/signatures/openshift/release'],
};
