import semver from 'semver';
import type { NamedImage } from './context.ts';
import type { ChartMetadata } from '../metadata.ts';

/** Where every image of cert-manager is. */
const HOME = 'quay.io/jetstack/cert-manager';

/**
 * Returns the images of a version of cert-manager, such as `v1.15.3`: what its chart runs, and the acmesolver that its controller
 * starts for each HTTP-01 challenge, which no `image:` of the chart names.
 */
export function certManagerImages(version: string): readonly string[] {
  const tag = `v${version.replace(/^v/, '')}`;
  return [...componentsOf(tag), 'acmesolver'].map((component) => `${HOME}-${component}:${tag}`);
}

/** Returns the acmesolver for the chart of cert-manager: before 1.11 it is a default inside of the controller's binary alone. */
export function certManagerSolver({ name, appVersion }: ChartMetadata): readonly NamedImage[] {
  if (name !== 'cert-manager' || appVersion === undefined || semver.valid(appVersion) === null) return [];
  return [{ text: `${HOME}-acmesolver:v${appVersion.replace(/^v/, '')}`, method: 'known' }];
}

/** The check of its API came with 1.5, as the command line tool, and has an image of its own since 1.14. */
function componentsOf(tag: string): readonly string[] {
  const base = ['cainjector', 'controller', 'webhook'];
  if (semver.lt(tag, '1.5.0-0')) return base;
  return [...base, semver.lt(tag, '1.14.0-0') ? 'ctl' : 'startupapicheck'];
}
