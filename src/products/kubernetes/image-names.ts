/** Keys, variables and flags with these endings hold an image, not a policy, a list of secrets or a size. */
const IMAGE_KEY =
  /(?:^|[._-])images?$|[a-z0-9]Images?(?:Override)?$|(?:^|[._-])image[._-]?(?:name|ref|reference)$|[a-z0-9]ImageName$|^(?:image|[a-z0-9]+Image)Ref(?:erence)?$/i;

/**
 * Returns whether a key or variable of this name holds an image: `image`, `jobImage`, `agentImageOverride`, `sidecar-image`,
 * `RELATED_IMAGE_DB`, `DB_IMAGE`.
 */
export function namesImage(name: string): boolean {
  return IMAGE_KEY.test(name) || name.startsWith('RELATED_IMAGE_');
}

/** `--acme-http01-solver-image=REF`, `-shell-image=REF`, `--prometheus-config-reloader=REF`, `--image REF`. */
const FLAG = /^--?[a-z0-9][a-z0-9.-]*$/i;

/** Returns whether a flag takes an image as its value. */
export function flagTakesImage(flag: string): boolean {
  return (
    FLAG.test(flag) && (namesImage(flag.replace(/^-+/, '')) || /(?:^|[.-])[a-z0-9.-]*reloader$/.test(flag))
  );
}

/** Returns the flags that have a value in a line of arguments, in either spelling. */
export function flagsIn(text: string): readonly (readonly [flag: string, value: string])[] {
  return [
    ...text.matchAll(/(?<![\w-])(--?[a-z0-9][a-z0-9.-]*)(?:=|[ \t]+)(?:"([^"]*)"|'([^']*)'|([^\s"',]+))/gi),
  ].map(([, flag = '', quoted, single, bare]) => [flag, quoted ?? single ?? bare ?? ''] as const);
}
