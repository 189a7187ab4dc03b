/** A place in a program that is overwritten after it was built; openshift/oc, `pkg/cli/admin/release/extract_tools.go`. */
export interface Marker {
  readonly name: 'image' | 'version' | 'architecture';
  /** All of its bytes: the name between zeros, the room for the value, and a zero. */
  readonly bytes: Uint8Array;
}

function marker(name: Marker['name'], word: string, room: number): Marker {
  return { name, bytes: Buffer.from(`\0_RELEASE_${word}_LOCATION_\0${'X'.repeat(room)}\0`) };
}

/**
 * The whole padded markers. Programs also hold their beginnings alone, as constants: whoever finds those first corrupts the
 * program.
 */
export const MARKERS: readonly Marker[] = [
  marker('image', 'IMAGE', 300),
  marker('version', 'VERSION', 64),
  marker('architecture', 'ARCHITECTURE', 64),
];

/** Values to write, by marker. */
export type MarkerValues = Readonly<Record<Marker['name'], string>>;

/** Returns what a marker is overwritten with: the value and a zero; `undefined` when the value does not fit. */
export function markerText({ bytes }: Marker, value: string): Uint8Array | undefined {
  const text = Buffer.from(`${value}\0`);
  return value.includes('\0') || text.length > bytes.length ? undefined : text;
}
