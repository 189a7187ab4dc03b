/** `repository:<name>:pull,push`: what a token must allow (distribution, `docs/spec/auth/scope.md`). */
export type Scope = string;

export function pullScope(repository: string): Scope {
  return `repository:${repository}:pull`;
}

export function pushScope(repository: string): Scope {
  return `repository:${repository}:pull,push`;
}

export function deleteScope(repository: string): Scope {
  return `repository:${repository}:delete`;
}

/** Returns the scopes of a challenge; several are separated by spaces. */
export function parseScopes(text: string | undefined): readonly Scope[] {
  return (text ?? '').split(' ').filter((scope) => scope !== '');
}

/** Returns one scope per resource with all its requested actions, in a fixed order, so that equal needs have equal keys. */
export function mergeScopes(scopes: readonly Scope[]): readonly Scope[] {
  const actionsOf = new Map<string, Set<string>>();
  for (const scope of scopes) {
    const colon = scope.lastIndexOf(':');
    const resource = scope.slice(0, colon);
    const actions = actionsOf.get(resource) ?? new Set<string>();
    for (const action of scope.slice(colon + 1).split(',')) actions.add(action);
    actionsOf.set(resource, actions);
  }
  return [...actionsOf].map(([resource, actions]) => `${resource}:${[...actions].sort().join(',')}`).sort();
}
