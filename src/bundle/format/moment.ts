import { SaddlebagError } from '../../internal/error.ts';

/** The one form of a moment in a bundle: RFC 3339 in UTC, whole seconds, so that one moment is one text. */
export const MOMENT: RegExp =
  /^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$/;

/** Days of the months; February's in a leap year. */
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** Returns whether a text is a moment of this form on a day that exists. */
export function isMoment(text: string): boolean {
  if (!MOMENT.test(text)) return false;
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  const isLeapYear = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return day <= (month === 2 && !isLeapYear ? 28 : (DAYS[month - 1] ?? 0));
}

/** @throws `ERR_USAGE_INVALID` when a text is not a moment */
export function requireMoment(text: string): void {
  if (isMoment(text)) return;
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot date bundle to ${JSON.stringify(text)}: expected a moment in UTC, such as 2026-08-20T14:05:00Z`,
  );
}
