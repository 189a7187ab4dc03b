import { SaddlebagError } from '../internal/error.ts';
import { allNearest, nearest } from '../internal/nearest.ts';
import { withoutCredentials } from '../internal/http/without-credentials.ts';
import type { Fault } from './command-line.ts';
import type { CommandPage } from './command-page.ts';

/** Other tools' names for what we call something else. @visibleForTesting */
export const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  build: ['save', 'pack', 'package', 'sync', 'create', 'add', 'fetch', 'download', 'mirror', 'export'],
  install: ['load', 'apply', 'deploy', 'import', 'upload', 'extract', 'unpack'],
  inspect: ['ls', 'list', 'info', 'show', 'images', 'describe', 'cat'],
  verify: ['validate'],
  uninstall: ['remove', 'rm', 'delete', 'undo', 'rollback'],
  init: ['new', 'template', 'example'],
  serve: ['registry', 'server'],
  convert: ['copy', 'cp', 'split', 'join'],
  help: ['man', 'docs'],
};

/** Other tools' commands that need no counterpart. */
const NEEDLESS: Readonly<Record<string, string>> = {
  login:
    'Log in with "docker login" or "podman login": their credentials are used, and those of a registries.yaml.',
};

/** Returns the error for an invalid command line. */
export function usageError(fault: Fault, page: CommandPage): SaddlebagError {
  return new SaddlebagError('ERR_USAGE_INVALID', `Cannot run "bundle ${page.name}": ${factOf(fault)}`, {
    hint: hintOf(fault, page) ?? `Usage: ${page.usage}. See "bundle help ${page.name}".`,
  });
}

/** Returns the error for a command line with no command or an unknown one. */
export function unknownCommand(
  name: string | undefined,
  names: readonly string[],
  attempt: 'run' | 'explain' = 'run',
): SaddlebagError {
  if (name === undefined)
    return new SaddlebagError('ERR_USAGE_INVALID', 'Cannot run "bundle": no command is given', {
      hint: `Commands: ${names.join(', ')}.`,
    });
  const [synonym] = Object.entries(SYNONYMS).find(([, words]) => words.includes(name)) ?? [];
  const near = synonym ?? nearest(name, names);
  const needless = Object.hasOwn(NEEDLESS, name) ? NEEDLESS[name] : undefined;
  const [prefix, fact] = [attempt === 'run' ? '' : 'help ', 'there is no such command'];
  return new SaddlebagError('ERR_USAGE_INVALID', `Cannot ${attempt} "bundle ${name}": ${fact}`, {
    hint:
      needless ??
      (near === undefined ? `Commands: ${names.join(', ')}.` : `Did you mean "bundle ${prefix}${near}"?`),
  });
}

function factOf(fault: Fault): string {
  switch (fault.type) {
    case 'unknown-option':
      return `there is no option "${fault.name}"`;
    case 'missing-value':
      return `the option "${fault.name}" needs a value`;
    case 'needless-value':
      return `the option "${fault.name}" takes no value`;
    case 'untied-value':
      return `"${withoutCredentials(fault.value)}" belongs to no option`;
    case 'missing-argument':
      return `${fault.name} is missing`;
    case 'needless-argument':
      return `there is no place for the argument "${withoutCredentials(fault.argument)}"`;
    case 'web-address':
      return `${fault.name} must be a path, and "${withoutCredentials(fault.value)}" is a web address`;
  }
}

function hintOf(fault: Fault, { options }: CommandPage): string | undefined {
  if (fault.type === 'untied-value') return `Write "${fault.name}=${withoutCredentials(fault.value)}".`;
  if (fault.type === 'web-address') return 'Fetch it to this host first, and give its path.';
  if (fault.type === 'needless-argument' && options.some(({ names }) => names.includes('--bundle')))
    return 'A bundle is named with "--bundle BUNDLE".';
  if (fault.type !== 'unknown-option') return undefined;
  const names = options.flatMap((option) => option.names).filter((name) => name.startsWith('--'));
  const near = allNearest(fault.name, names).map((name) => `"${name}"`);
  return near.length === 0 ? undefined : `Did you mean ${near.join(' or ')}?`;
}
