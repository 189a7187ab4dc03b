import { getRounds } from 'bcryptjs';
import { SaddlebagError } from '../../internal/error.ts';
import { ProblemsError } from '../../internal/problems.ts';

/** User → bcrypt hash of the password. */
export type Passwords = ReadonlyMap<string, string>;

/** Apache's `htpasswd -B` writes `$2y$`; salt and hash use bcrypt's own alphabet. */
const BCRYPT = /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/;
/** A more expensive hash would block the server for seconds. */
const MOST_ROUNDS = 14;
const LEAST_ROUNDS = 4;

/**
 * Returns the users of a password file with one `NAME:HASH` a line. Only bcrypt is accepted: the other hashes in such files
 * are quickly guessed. No message contains a hash.
 *
 * @throws `ERR_CREDENTIALS_INVALID` with every invalid line, or for a file without users
 */
export function parseHtpasswd(text: string, path: string): Passwords {
  const passwords = new Map<string, string>();
  const problems: SaddlebagError[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const colon = line.indexOf(':');
    const [user, hash] = [line.slice(0, Math.max(0, colon)), line.slice(colon + 1).trim()];
    const fault = faultOf(user, hash) ?? (passwords.has(user) ? 'its user appears twice' : undefined);
    if (fault === undefined) passwords.set(user, hash);
    else problems.push(invalid(`line ${index + 1} of "${path}"`, fault));
  }
  const [only] = problems;
  if (only !== undefined && problems.length === 1) throw only;
  if (only !== undefined) {
    const message = `Cannot read "${path}": ${problems.length} lines are wrong`;
    throw new ProblemsError('ERR_CREDENTIALS_INVALID', message, { problems });
  }
  if (passwords.size === 0) throw invalid(`"${path}"`, 'it has no user');
  return passwords;
}

/** Returns the highest cost (rounds) among the hashes. */
export function mostRounds(passwords: Passwords): number {
  return Math.max(...[...passwords.values()].map((hash) => getRounds(hash)));
}

function faultOf(user: string, hash: string): string | undefined {
  if (user === '') return 'it is not USER:HASH';
  if (!BCRYPT.test(hash)) return 'its hash is not bcrypt';
  const rounds = getRounds(hash);
  if (rounds < LEAST_ROUNDS) return `its hash has ${rounds} rounds, and bcrypt has ${LEAST_ROUNDS} at least`;
  return rounds > MOST_ROUNDS ? `its hash takes more than ${MOST_ROUNDS} rounds` : undefined;
}

function invalid(what: string, fact: string): SaddlebagError {
  return new SaddlebagError('ERR_CREDENTIALS_INVALID', `Cannot read ${what}: ${fact}`, {
    hint: 'Make an entry with: htpasswd -nB USER',
  });
}
