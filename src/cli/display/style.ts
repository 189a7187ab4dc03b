import type { Writable } from 'node:stream';
import { styleText } from 'node:util';

/** How a word is highlighted. */
export type Emphasis = 'error' | 'warning' | 'good' | 'strong' | 'quiet';

/** A stream that may be a terminal. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

/** Highlights words for people; without colour, returns them unchanged. */
export type Style = (emphasis: Emphasis, text: string) => string;

const COLOURS: Readonly<Record<Emphasis, Parameters<typeof styleText>[0]>> = {
  error: ['red', 'bold'],
  warning: ['yellow', 'bold'],
  good: 'green',
  strong: 'bold',
  quiet: 'dim',
};

/** Returns the style for a stream. Any non-empty `NO_COLOR` (https://no-color.org) turns colours off. */
export function styleFor(stream: OutputStream, env: Readonly<Record<string, string | undefined>>): Style {
  if (!isColoured(stream, env)) return (_, text) => text;
  return (emphasis, text) => styleText(COLOURS[emphasis], text, { validateStream: false });
}

/** Returns whether colours may be written to a stream. @visibleForTesting */
export function isColoured(stream: OutputStream, env: Readonly<Record<string, string | undefined>>): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** On a narrower terminal (columns), a live status line does not help. */
const NARROWEST = 30;

/**
 * Returns whether a line of a stream can be redrawn in place. A pseudo-terminal without a set size has 0 columns, and the
 * spinner would clear lines for ever.
 */
export function isLive(stream: OutputStream, env: Readonly<Record<string, string | undefined>>): boolean {
  if (stream.isTTY !== true || env['TERM'] === 'dumb' || env['CI'] !== undefined) return false;
  return (stream.columns ?? 0) >= NARROWEST;
}
