import type { Upstream } from '../../spec/part.ts';

export const GRAPH: Upstream = {
  name: 'openshiftGraph',
  url: 'https://api.openshift.com/api/upgrades_info/v1/graph',
  holds: 'the update service, asked with ?channel=CHANNEL&arch=ARCH',
};

/** Those of openshift/cluster-update-keys. */
export const SIGNATURES: Upstream = {
  name: 'openshiftSignatures',
  url: 'https://mirror.openshift.com/pub/openshift-v4/signatures/openshift/release',
  others: ['https://storage.googleapis.com/openshift-release/official/signatures/openshift/release'],
  holds: 'signatures of releases, at sha256=DIGEST/signature-N; a list is asked in its order',
};
