import { hexOf } from '../../oci/digest.ts';
import type { ConfigFile } from '../site.ts';
import type { ReleaseAtSite } from './site.ts';

/**
 * Returns a ConfigMap for each signed image, as `oc adm release mirror` writes it: a cluster without internet takes the
 * signatures of releases from there (openshift/library-go, `pkg/verify/store/configmap`).
 */
export function signatureConfigMaps({
  releases,
}: {
  readonly releases: readonly Pick<ReleaseAtSite, 'signatures'>[];
}): readonly ConfigFile[] {
  const all = releases.flatMap(({ signatures }) => signatures);
  return all.map(({ digest, messages }) => {
    const name = `sha256-${hexOf(digest)}`;
    const data = messages.map((message, index): readonly [string, string] => [
      `${name}-${index + 1}`,
      Buffer.from(message).toString('base64'),
    ]);
    const map = {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: {
        name,
        namespace: 'openshift-config-managed',
        labels: { 'release.openshift.io/verification-signatures': '' },
      },
      binaryData: Object.fromEntries(data),
    };
    return {
      path: `signature-sha256-${hexOf(digest).slice(0, 16)}.json`,
      text: `${JSON.stringify(map, null, 2)}\n`,
    };
  });
}
