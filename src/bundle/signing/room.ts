import { SaddlebagError } from '../../internal/error.ts';
import { encodeSignatures, SIGNATURE_ROOM, type NamedSignature } from '../format/signature-lines.ts';

/** What a line has beside the signature (bytes): name of the algorithm, fingerprint, and what separates them. */
const BESIDE = 96;

/**
 * Returns the content of `bundle.json.sig`, which has `room` bytes, with these signatures; `path` is what the bundle is called.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE` when there is no room for them, with what to do about it
 */
export function signaturesIn(
  room: number,
  signatures: readonly NamedSignature[],
  options: { readonly path: string },
): Uint8Array {
  const bytes = encodeSignatures(signatures, room);
  if (bytes !== undefined) return bytes;
  const needed = signatures.reduce((sum, { text }) => sum + text.length + BESIDE, 0);
  const wanted = Math.max(4096, 2 ** Math.ceil(Math.log2(needed)));
  const hint =
    wanted > SIGNATURE_ROOM.most
      ? 'Take one away first, with "bundle sign --remove".'
      : `Build it with --signature-room ${wanted / 1024}KiB or more, or take another signature away with "bundle sign --remove".`;
  throw new SaddlebagError(
    'ERR_OUTPUT_UNWRITABLE',
    `Cannot sign "${options.path}": it reserves ${room} bytes for signatures, and ${signatures.length === 1 ? 'this one needs' : `these ${signatures.length} need`} more`,
    { hint },
  );
}
