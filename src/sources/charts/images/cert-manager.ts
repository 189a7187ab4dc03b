import semver from 'semver';
import type { NamedImage } from './context.ts';
import type { ChartMetadata } from '../metadata.ts';

/** Registry and namespace of every cert-manager image. */
const HOME = 'quay.io/jetstack/cert-manager';

/**
 * Returns the images of a cert-manager version, such as `v1.15.3`: those its chart runs, and the acmesolver that its controller
 * starts for each HTTP-01 challenge, which no `image:` of the chart names.
 */
export function certManagerImages(version: string): readonly string[] {
  const tag = `v${version.replace(/^v/, '')}`;
  return [...componentsOf(tag), 'acmesolver'].map((component) => `${HOME}-${component}:${tag}`);
}

/** Returns the acmesolver for the cert-manager chart: before 1.11 it is a default in the controller's binary only. */
export function certManagerSolver({ name, appVersion }: ChartMetadata): readonly NamedImage[] {
  if (name !== 'cert-manager' || appVersion === undefined || semver.valid(appVersion) === null) return [];
  return [{ text: `${HOME}-acmesolver:v${appVersion.replace(/^v/, '')}`, method: 'known' }];
}

/** The API check came with 1.5 in the image of the command line tool; since 1.14 it has an image of its own. */
function componentsOf(tag: string): readonly string[] {
  const base = ['cainjector', 'controller', 'webhook'];
  if (semver.lt(tag, '1.5.0-0')) return base;
  return [...base, semver.lt(tag, '1.14.0-0') ? 'ctl' : 'startupapicheck'];
}
