import type { TargetKind, TargetOption } from '../kind.ts';
import { givenFolder } from '../given-folder.ts';
import { plainItems } from './plain-items.ts';

const OPTION: TargetOption = {
  name: 'files',
  form: 'value',
  value: 'DIR',
  help: 'put the plain files there',
};

/** A folder for plain files. */
export const files: TargetKind = {
  name: 'files',
  option: OPTION,
  isDefault: false,
  isOnDisk: true,
  content: 'files',
  isForPlatform: false,
  holds: (bundle) => plainItems(bundle).length > 0,
  async make(bundle, { places }) {
    const { filesTarget } = await import('./files.ts');
    return places.map((place) =>
      filesTarget(bundle, { folder: givenFolder(place === true ? '' : place, OPTION) }),
    );
  },
  async takeBack(left, options) {
    const { fileRemovals } = await import('../uninstall/files.ts');
    return fileRemovals(left, { target: 'files' }, options);
  },
};
