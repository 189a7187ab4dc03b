import type { Site } from '../../../src/config/site.ts';
import { type Naming, targetReference } from '../../../src/oci/naming.ts';

/** Returns a registry to write configuration for, with the names that an install gives. */
export function configSite(options: Partial<Site> & { readonly naming?: Naming } = {}): Site {
  const { naming = 'rancher', ...rest } = options;
  const { prefix = '' } = rest;
  return {
    host: 'harbor.lab',
    prefix,
    scheme: 'https',
    sources: ['docker.io', 'quay.io'],
    repositoryOf: (reference) => targetReference(reference, naming, prefix).repository,
    ...rest,
  };
}
