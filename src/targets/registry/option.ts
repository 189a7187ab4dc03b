import type { TargetOption } from '../kind.ts';

/** The prefix of a folder in place of a registry. */
export const EMBEDDED = 'embedded:';

/** Names what takes images: a registry, or a folder that `bundle serve` serves like one. */
export const REGISTRY_OPTION: TargetOption = {
  name: 'registry',
  form: 'list',
  value: 'HOST[:PORT][/PREFIX]',
  help: 'push the images there, or with embedded:DIR into a folder for "bundle serve"; may be repeated',
};
