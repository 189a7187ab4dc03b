import type { InstallOptions } from '../verbs/install.ts';
import { NAMINGS } from '../oci/naming.ts';
import { parseRewriteRule } from '../targets/registry/rewrite-rule.ts';
import { BaseCommand } from './base-command.ts';
import { choiceOption, listOption, placeOption, valueOption } from './options/declare.ts';
import { parseChoice, placeOf } from './options/values.ts';

const YES_NO = ['yes', 'no'] as const;

/** The options of a command that deals with targets: which, where, and for which host. */
export abstract class TargetCommand extends BaseCommand {
  registry: string[] | undefined = listOption(
    '--registry',
    'HOST[:PORT][/PREFIX]',
    'push the images there, or into the folder of embedded:DIR for bundle serve; may be repeated',
  );
  rancherDesktop: string | boolean | undefined = placeOption(
    '--rancher-desktop',
    'DIR',
    'fill the cache of Rancher Desktop; the one of this user when DIR is left out',
  );
  kuberlr: string | boolean | undefined = placeOption(
    '--kuberlr',
    'DIR',
    'give kuberlr its kubectl clients; ~/.kuberlr when DIR is left out',
  );
  k3sNode: string | boolean | undefined = placeOption(
    '--k3s-node',
    'ROOT',
    'prepare a K3s node under the root directory ROOT; / when left out',
  );
  files: string | undefined = valueOption('--files', 'DIR', 'put the plain files there');
  hostPlatform: string | undefined = valueOption(
    '--host-platform',
    'OS/ARCH',
    'prepare for another host than this one, for example windows/amd64',
  );
  naming: string | undefined = choiceOption(
    '--naming',
    NAMINGS,
    'how images are called at the registry; rancher when left out',
  );
  rewrite: string[] | undefined = listOption(
    '--rewrite',
    'REGEX=>REPLACEMENT',
    'change the name of a repository further, before the prefix; may be repeated',
  );
  createProjects: string | undefined = choiceOption(
    '--create-projects',
    YES_NO,
    'create the projects that a Harbor lacks; yes when left out',
  );

  /** Returns what the options say. @throws `ERR_USAGE_INVALID` */
  protected targets(): Omit<InstallOptions, 'path' | 'env' | 'home'> {
    const { registry: registries, files, hostPlatform, naming, createProjects } = this;
    return {
      registries,
      rancherDesktop: placeOf(this.rancherDesktop),
      kuberlr: placeOf(this.kuberlr),
      k3sNode: placeOf(this.k3sNode),
      files,
      hostPlatform,
      rewrites: this.rewrite?.map((text) => parseRewriteRule(text)),
      keepSpaces:
        createProjects === undefined
          ? undefined
          : parseChoice('--create-projects', createProjects, YES_NO) === 'no',
      naming: naming === undefined ? undefined : parseChoice('--naming', naming, NAMINGS),
    };
  }
}
