import { SaddlebagError } from '../../internal/error.ts';

/** Declares the option that makes a kit beside OUT. */
export const KIT_OPTION: readonly [name: string, value: string, description: string] = [
  '--kit',
  'OS/ARCH,…',
  'put beside OUT what it takes to run it: this program, a Node.js for each platform, a first page; when left out, the desktops and linux/amd64',
];

/** Returns the platforms of a kit; `undefined` when no kit is asked for. @throws `ERR_USAGE_INVALID` */
export function kitOf(
  value: string | boolean | undefined,
): { readonly platforms?: readonly string[] | undefined } | undefined {
  if (value === undefined || value === false) return undefined;
  if (value === true) return {};
  const platforms = value.split(',').map((text) => text.trim());
  if (platforms.every((text) => text !== '')) return { platforms };
  throw new SaddlebagError('ERR_USAGE_INVALID', `Cannot read "--kit=${value}": a platform is missing`, {
    hint: 'Write for example --kit=windows/amd64,linux/amd64, or --kit alone.',
  });
}
