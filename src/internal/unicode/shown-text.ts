import * as z from 'zod';
import { UNSEEN_CLASS } from './unseen.ts';

/** What a terminal shows as it is: no control characters, nothing invisible or direction-changing. */
const SHOWN = new RegExp(`^[^${UNSEEN_CLASS}]+$`, 'u');

/** Text of so many UTF-16 code units. A schema counts characters, and so does `max`, of which one can take two. */
export function textUpTo(limit: number): z.ZodString {
  return z
    .string()
    .max(limit, { abort: true })
    .refine((value) => value.length <= limit, `Too long: expected at most ${limit} UTF-16 code units`);
}

/** Text that a terminal shows as it is, of 1 to so many UTF-16 code units. */
export function shownText(limit: number): z.ZodString {
  return textUpTo(limit)
    .min(1, { abort: true })
    .regex(SHOWN, 'Invalid text: control characters and line breaks are refused');
}
