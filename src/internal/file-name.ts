import { UNSEEN_CLASS } from './unicode/unseen.ts';

/** Longest file name that ext4, APFS, NTFS and exFAT all accept (UTF-8 bytes, the strictest measure). */
const NAME_LIMIT = 255;
/** Control, invisible and direction-changing characters, line and paragraph separators, lone surrogates. */
const INVISIBLE = new RegExp(`[${UNSEEN_CLASS}\\ufffd]`, 'u');
/** Not allowed in a Windows name (Microsoft, "Naming Files, Paths, and Namespaces"); a colon also marks a drive or a stream. */
const FORBIDDEN = /[<>:"|?*\\]/;
/** Names of Windows devices, whatever follows the first dot; superscript digits count as digits there. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])[ ]*(?:\.|$)/i;

/** Returns what is wrong with a plain file name, or `undefined` when every system can create it. */
export function faultOfName(name: string): string | undefined {
  if (name === '') return 'a name is empty';
  if (name === '.' || name === '..') return `the path has the component "${name}"`;
  if (Buffer.byteLength(name) > NAME_LIMIT) return `a name is longer than ${NAME_LIMIT} bytes`;
  if (INVISIBLE.test(name)) return 'the path has a control or an invisible character';
  if (name.includes('/')) return 'the name has a "/"';
  const forbidden = FORBIDDEN.exec(name);
  if (forbidden) return `the path has the character ${JSON.stringify(forbidden[0])}`;
  if (/[. ]$/.test(name)) return 'a name ends in a dot or a space, which Windows drops';
  if (name.startsWith(' ')) return 'a name starts with a space';
  if (DEVICE.test(name)) return `"${name}" is the name of a Windows device`;
  return undefined;
}
