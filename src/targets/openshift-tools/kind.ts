import { givenFolder } from '../given-folder.ts';
import type { TargetKind, TargetOption } from '../kind.ts';
import { openshiftReleases } from './releases.ts';

const OPTION: TargetOption = {
  name: 'openshift-tools',
  form: 'value',
  value: 'DIR',
  help: 'put oc and openshift-install there, pinned to the release at the registry that --registry names',
};

const RELEASE: TargetOption = {
  name: 'openshift-release',
  form: 'value',
  value: 'NAME',
  help: 'the release to take the tools from, such as 4.20.3-x86_64; the newest when left out',
  needsTarget: true,
};

/** The programs of an OpenShift release, made for one registry. */
export const openshiftTools: TargetKind = {
  name: 'openshift-tools',
  option: OPTION,
  settings: [RELEASE],
  isDefault: false,
  isOnDisk: true,
  content: 'OpenShift release',
  isForPlatform: false,
  holds: (bundle) => openshiftReleases(bundle).length > 0,
  async make(bundle, request) {
    const { toolsTarget } = await import('./openshift-tools.ts');
    const { places, platform, setting } = request;
    return places.map((place) =>
      toolsTarget(bundle, {
        folder: givenFolder(place === true ? '' : place, OPTION),
        platform,
        release: setting(RELEASE.name)[0],
        registries: setting('registry'),
        rewrites: setting('rewrite'),
      }),
    );
  },
  async takeBack(left, options) {
    const { fileRemovals } = await import('../uninstall/files.ts');
    return fileRemovals(left, { target: 'openshift-tools' }, options);
  },
};
