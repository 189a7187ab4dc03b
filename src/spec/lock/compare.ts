import type { Lock } from './lock.ts';

/** How many pins came, went and moved. */
export interface LockChanges {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

/** What the same question was answered with before, and is answered with now. */
export interface Moved {
  readonly kind: 'reference' | 'url' | 'answer' | 'chart' | 'channel' | 'release';
  readonly name: string;
  readonly was: string;
  readonly is: string;
}

/** Returns what is different in `after`; `moved` is in the order of a lock. Without `before`, all is added. */
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

interface PlainPin {
  readonly kind: Moved['kind'];
  readonly name: string;
  /** What people know it by: a digest, a version. */
  readonly short: string;
  readonly whole: string;
}

function pinsOf({ references, urls, answers, charts, k3s }: Lock): ReadonlyMap<string, PlainPin> {
  const all = [
    ...[...references].map(([name, pin]) =>
      pin === null
        ? pinOf('reference', name, 'nothing')
        : pinOf('reference', name, pin.digest, `${pin.digest}, ${pin.size} bytes, ${pin.mediaType}`),
    ),
    ...[...urls].map(([name, pin]) =>
      pin === null
        ? pinOf('url', name, 'nothing')
        : pinOf('url', name, pin.digest, `${pin.digest}, ${pin.size} bytes`),
    ),
    ...[...answers].map(([name, word]) => pinOf('answer', name, word ?? 'nothing')),
    ...[...(charts ?? [])].map(([name, { url = '', digest = '' }]) =>
      pinOf('chart', name, `${url} ${digest}`.trim()),
    ),
    ...[...(k3s?.channels ?? [])].map(([name, tag]) => pinOf('channel', name, tag ?? 'nothing')),
    ...[...(k3s?.releases ?? [])].map(([name, usable]) => pinOf('release', name, usable || 'nothing')),
  ];
  return new Map(all.map((pin) => [`${pin.kind} ${pin.name}`, pin]));
}

function pinOf(kind: Moved['kind'], name: string, short: string, whole: string = short): PlainPin {
  return { kind, name, short, whole };
}

/** A digest that stayed the same says nothing: then the rest is what moved. */
function movedFrom(was: PlainPin, is: PlainPin): Moved {
  const { kind, name } = is;
  return was.short === is.short
    ? { kind, name, was: was.whole, is: is.whole }
    : { kind, name, was: was.short, is: is.short };
}
