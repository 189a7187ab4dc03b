import { compareText } from '../../internal/order.ts';
import { type Lock, LOCK_VERSION } from './lock.ts';

/**
 * Returns a lock as JSON with one pin a line, sorted by code unit, so that what moved shows line by line in any diff. Equal
 * locks give equal bytes.
 */
export function encodeLock(lock: Lock): string {
  const { name, references, urls, answers, charts, k3s } = lock;
  const parts = [
    `"lock": ${LOCK_VERSION}`,
    `"name": ${JSON.stringify(name)}`,
    section('references', references),
    section('urls', urls),
    section('answers', answers),
    ...(charts === undefined ? [] : [section('charts', charts)]),
    ...(k3s === undefined
      ? []
      : [block('k3s', [section('channels', k3s.channels), section('releases', k3s.releases)])]),
  ];
  return `{\n${indented(parts)}\n}\n`;
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

/** Fields in one fixed order, whatever order they came in. */
function encodePin(pin: unknown): string {
  if (typeof pin !== 'object' || pin === null) return JSON.stringify(pin);
  const fields: Readonly<Record<string, unknown>> = { ...pin };
  const known = ['url', 'mediaType', 'digest', 'size'].filter((key) => fields[key] !== undefined);
  return `{ ${known.map((key) => `"${key}": ${JSON.stringify(fields[key])}`).join(', ')} }`;
}
