import type { Facts, Lock, LockSection } from './lock.ts';

/** How many pins were added, removed and changed. */
export interface LockChanges {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

/** A pin whose answer changed: the old one and the new one. */
export interface Moved {
  /** Kind of thing, for a message; empty where the name is enough. */
  readonly title: string;
  readonly name: string;
  /** Whether to report it only if the spec mentions it. */
  readonly isVast: boolean;
  readonly was: string;
  readonly is: string;
}

/** Returns the changes in `after`; `moved` is in the order of a lock. Without `before`, every pin is added. */
export function compareLocks(
  before: Lock | undefined,
  after: Lock,
): LockChanges & { readonly moved: readonly Moved[] } {
  const left = before === undefined ? new Map<string, PlainPin>() : pinsOf(before);
  const right = pinsOf(after);
  const kept = [...right].flatMap(([key, is]) => {
    const was = left.get(key);
    return was === undefined ? [] : [{ was, is }];
  });
  const changed = kept.filter(({ was, is }) => was.whole !== is.whole);
  return {
    added: right.size - kept.length,
    removed: left.size - kept.length,
    changed: changed.length,
    moved: changed.map(({ was, is }) => movedFrom(was, is)),
  };
}

/** A pin that only one of two locks has. */
export type Unshared = Pick<Moved, 'title' | 'name'>;

/**
 * Returns the pins that only `after` has, and those that only `before` has, in the order of a lock. A vast section grows with every
 * release, whether or not the spec asks for it, and what it asks for is pinned elsewhere too: such sections are left out.
 */
export function unsharedPins(
  before: Lock,
  after: Lock,
): { readonly fresh: readonly Unshared[]; readonly gone: readonly Unshared[] } {
  const [left, right] = [pinsOf(before), pinsOf(after)];
  return { fresh: pinsOutside(left, right), gone: pinsOutside(right, left) };
}

function pinsOutside(
  others: ReadonlyMap<string, PlainPin>,
  pins: ReadonlyMap<string, PlainPin>,
): readonly Unshared[] {
  return [...pins].flatMap(([key, { title, name, isVast }]) =>
    isVast || others.has(key) ? [] : [{ title, name }],
  );
}

interface PlainPin {
  /** Unique among all pins of a lock. */
  readonly key: string;
  readonly title: string;
  readonly name: string;
  readonly isVast: boolean;
  /** What people recognise it by: a digest, a version. */
  readonly short: string;
  readonly whole: string;
}

function pinsOf({ references, urls, answers, sections }: Lock): ReadonlyMap<string, PlainPin> {
  const all = [
    ...[...references].map(([name, pin]) =>
      pin === null
        ? pinOf('references', { title: 'Image', name, short: 'nothing' })
        : pinOf('references', {
            title: 'Image',
            name,
            short: pin.digest,
            whole: `${pin.digest}, ${pin.size} bytes, ${pin.mediaType}`,
          }),
    ),
    ...[...urls].map(([name, pin]) =>
      pin === null
        ? pinOf('urls', { name, short: 'nothing' })
        : pinOf('urls', { name, short: pin.digest, whole: `${pin.digest}, ${pin.size} bytes` }),
    ),
    ...[...answers].map(([name, word]) => pinOf('answers', { name, short: word ?? 'nothing' })),
    ...[...sections].flatMap(([section, facts]) => factPins(section, facts)),
  ];
  return new Map(all.map((pin) => [pin.key, pin]));
}

function factPins(section: LockSection, facts: Facts): readonly PlainPin[] {
  const { isGroupPinned, isVast } = section;
  return [...facts].flatMap(([group, words]) => {
    const title = section.title(group);
    if (isGroupPinned) {
      const short = [...words.values()].filter((word) => word !== null).join(' ');
      return [pinOf(section.name, { title, name: group, isVast, short })];
    }
    return [...words].map(([name, word]) =>
      pinOf(`${section.name} ${group}`, { title, name, isVast, short: word || 'nothing' }),
    );
  });
}

function pinOf(
  place: string,
  pin: Pick<PlainPin, 'name' | 'short'> & Partial<Pick<PlainPin, 'title' | 'isVast' | 'whole'>>,
): PlainPin {
  const { name, short, title = '', isVast = false, whole = short } = pin;
  return { key: `${place} ${name}`, title, name, isVast, short, whole };
}

/** When the digest is the same, something else moved. */
function movedFrom(was: PlainPin, is: PlainPin): Moved {
  const { title, name, isVast } = is;
  return was.short === is.short
    ? { title, name, isVast, was: was.whole, is: is.whole }
    : { title, name, isVast, was: was.short, is: is.short };
}
