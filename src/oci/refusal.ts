import { isSaddlebagError } from '../internal/error.ts';
import type { ErrorCode } from '../internal/error-code.ts';

/** A registry may refuse one thing and accept the next. Any other error would recur. */
const REFUSALS: readonly ErrorCode[] = [
  'ERR_REGISTRY_FAILED',
  'ERR_REGISTRY_DENIED',
  'ERR_UPSTREAM_NOT_FOUND',
];
/** Distribution specification, "Error Codes": something that a manifest refers to is missing. */
const ABSENCES: readonly unknown[] = ['MANIFEST_BLOB_UNKNOWN', 'MANIFEST_UNKNOWN', 'BLOB_UNKNOWN'];

/** Returns whether a registry refused one thing, which says nothing about others. */
export function isRefusal(error: unknown): boolean {
  return isSaddlebagError(error) && REFUSALS.includes(error.code);
}

/** Returns whether a registry refused a manifest because it lacks a part of it. */
export function tellsOfAbsence(error: unknown): boolean {
  if (!isSaddlebagError(error) || !('registryCodes' in error)) return false;
  const { registryCodes } = error;
  return Array.isArray(registryCodes) && registryCodes.some((code) => ABSENCES.includes(code));
}
