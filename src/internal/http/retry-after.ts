import type { HttpHeaders } from './http.ts';

/** The oldest form of a date (RFC 9110, 5.6.7) names no zone, and means GMT. */
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/** Returns the seconds a `Retry-After` header asks to wait (RFC 9110, 10.2.3), or `undefined` when it asks for nothing. */
export function parseRetryAfter(headers: HttpHeaders): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  const until = Date.parse(ASCTIME.test(value) ? `${value} GMT` : value);
  return Number.isNaN(until) ? undefined : Math.max(0, secondsUntil(until, headers));
}

/** Returns the seconds from an answer to a moment (milliseconds since 1970); negative when it has passed. */
export function secondsUntil(moment: number, headers: HttpHeaders): number {
  // Measured by the server's own clock if it sends one: ours may be wrong by hours.
  const now = Date.parse(headers['date'] ?? '');
  return (moment - (Number.isNaN(now) ? Date.now() : now)) / 1000;
}
