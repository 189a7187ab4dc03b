import { compareText } from '../../internal/order.ts';
import { type Facts, type Lock, LOCK_VERSION, type LockSection } from './lock.ts';

/**
 * Returns a lock as JSON with one pin a line, sorted by code unit, so that any diff shows line by line what moved. Equal locks
 * give equal bytes.
 */
export function encodeLock(lock: Lock): string {
  const { name, references, urls, answers, sections } = lock;
  const parts = [
    `"lock": ${LOCK_VERSION}`,
    `"name": ${JSON.stringify(name)}`,
    section('references', references),
    section('urls', urls),
    section('answers', answers),
    ...[...sections]
      .sort(([left], [right]) => compareText(left.name, right.name))
      .map(([each, facts]) => encodeFacts(each, facts)),
  ];
  return `{\n${indented(parts)}\n}\n`;
}

function encodeFacts({ name, isGroupPinned }: LockSection, facts: Facts): string {
  if (isGroupPinned)
    return section(name, new Map([...facts].map(([group, words]) => [group, Object.fromEntries(words)])));
  const groups = [...facts].sort(([left], [right]) => compareText(left, right));
  return block(
    name,
    groups.map(([group, words]) => section(group, words)),
  );
}

function section(key: string, pins: ReadonlyMap<string, unknown>): string {
  const sorted = [...pins].sort(([left], [right]) => compareText(left, right));
  return block(
    key,
    sorted.map(([name, pin]) => `${JSON.stringify(name)}: ${encodePin(pin)}`),
  );
}

function block(key: string, parts: readonly string[]): string {
  return parts.length === 0 ? `"${key}": {}` : `"${key}": {\n${indented(parts)}\n}`;
}

function indented(parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll(/^/gm, '  ')).join(',\n');
}

/** The first fields of a pin; the others follow by name. */
const FIELDS: readonly string[] = ['url', 'mediaType', 'digest', 'size'];

/** Fields in one fixed order, whatever order they came in. */
function encodePin(pin: unknown): string {
  if (typeof pin !== 'object' || pin === null) return JSON.stringify(pin);
  const fields: Readonly<Record<string, unknown>> = { ...pin };
  const others = Object.keys(fields).filter((key) => !FIELDS.includes(key));
  const keys = [...FIELDS, ...others.sort(compareText)].filter((key) => fields[key] !== undefined);
  return `{ ${keys.map((key) => `${JSON.stringify(key)}: ${JSON.stringify(fields[key])}`).join(', ')} }`;
}
