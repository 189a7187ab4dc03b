import type { Sheet } from '../sheet.ts';
import type { EdgeImage } from './schema.ts';

/** Tells of what a bundle does not carry. */
export function refuseUnsupported(
  { operatingSystem, embeddedArtifactRegistry, kubernetes }: EdgeImage,
  sheet: Sheet,
): void {
  if (operatingSystem?.packages !== undefined && operatingSystem.packages !== null)
    sheet.refuse(['operatingSystem', 'packages'], 'a bundle does not carry packages of the system', {
      hint: 'Take it out, or name the files of the packages under "files" of the spec.',
    });
  if ((embeddedArtifactRegistry?.registries ?? []).length > 0)
    sheet.refuse(['embeddedArtifactRegistry', 'registries'], 'credentials are not taken from here', {
      hint: 'Write them under registries.configs of the spec, or log in with docker login.',
    });
  for (const [index, repository] of (kubernetes?.helm?.repositories ?? []).entries())
    for (const key of ['caFile', 'plainHTTP', 'skipTLSVerify', 'authentication'])
      if (![undefined, null, false, ''].some((none) => none === repository[key]))
        sheet.refuse(
          ['kubernetes', 'helm', 'repositories', index, key],
          'it is a matter of the host, and not of one repository',
          { hint: 'Write it under registries.configs of the spec, or give bundle build --ca-file.' },
        );
}
