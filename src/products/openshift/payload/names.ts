/** The folder of a release image that holds what the release consists of. */
export const MANIFESTS = 'release-manifests';
/** Files below it; openshift/oc, `pkg/cli/admin/release/new.go`, `writePayload`. */
export const IMAGE_REFERENCES = 'image-references';
export const RELEASE_METADATA = 'release-metadata';
/** Marks the ConfigMap with the keys that sign releases; openshift/library-go, `pkg/verify/configmap.go`. */
export const VERIFICATION_MARK = 'release.openshift.io/verification-config-map';

/** The name of the release image among the components of a template; `oc adm release mirror` calls it so too. */
export const RELEASE_COMPONENT = 'release';
