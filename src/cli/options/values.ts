import { SaddlebagError } from '../../internal/error.ts';

/** Returns the value of an integer option. @throws `ERR_USAGE_INVALID` */
export function parseCount(
  option: string,
  text: string,
  range: { readonly min: number; readonly max: number },
): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= range.min && value <= range.max) return value;
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot use ${option} ${JSON.stringify(text)}: expected a whole number from ${range.min} to ${range.max}`,
  );
}

/** Size units, decimal and binary (IEC 80000-13). */
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Returns the value of a size option (bytes): `4GiB`, `700MB`, `4294967295`. @throws `ERR_USAGE_INVALID` */
export function parseSize(option: string, text: string, range: { readonly min: number }): number {
  const [, digits = '', unit = ''] = /^(\d{1,16}) ?([a-z]*)$/i.exec(text) ?? [];
  const value = digits === '' ? Number.NaN : Number(digits) * (UNITS[unit.toLowerCase()] ?? Number.NaN);
  if (Number.isSafeInteger(value) && value >= range.min) return value;
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot use ${option} ${JSON.stringify(text)}: expected a size of at least ${range.min} bytes, such as 4GiB or 700MB`,
  );
}

/** Returns the value of an option in percent, `5` or `5%`, from 1 to 100. @throws `ERR_USAGE_INVALID` */
export function parsePercent(option: string, text: string): number {
  const [, digits = ''] = /^(\d{1,3})%?$/.exec(text) ?? [];
  const value = digits === '' ? Number.NaN : Number(digits);
  if (value >= 1 && value <= 100) return value;
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot use ${option} ${JSON.stringify(text)}: expected a whole number of percent from 1% to 100%`,
  );
}
