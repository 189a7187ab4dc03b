import { SaddlebagError } from '../../../internal/error.ts';

const NAME = 'GITHUB_TOKEN';

/**
 * Returns the user's token for GitHub, or `undefined` if there is none. Files and shells leave white space and line ends around
 * it, which are dropped.
 *
 * @throws `ERR_USAGE_INVALID` if no header can hold it; the message names the variable, never its value
 */
export function githubToken(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const token = env[NAME]?.trim() ?? '';
  if (token === '') return undefined;
  if (/^[\x20-\x7e]+$/.test(token)) return token;
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot use ${NAME}: it has a character that no HTTP header can hold`,
    {
      hint: 'Set it to the token alone, on one line, or unset it.',
    },
  );
}
