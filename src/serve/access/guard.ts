import { createHmac, randomBytes } from 'node:crypto';
import { compare, hash } from 'bcryptjs';
import { Gate } from '../../internal/gate.ts';
import { mostRounds, type Passwords } from './htpasswd.ts';

/** What becomes of a request by its credentials. */
type Admission = 'granted' | 'denied' | 'busy';

/** Decides by the `Authorization` header who may come in. */
export type Guard = (authorization: string | undefined) => Promise<Admission>;

/** Passwords that were right are not hashed again for a while: a pull is a hundred requests. */
const REMEMBERED = 256;
/** More who wait for their password to be checked are guessing. */
const WAITING_LIMIT = 32;

/**
 * Returns a guard over a password file. An unknown user takes as long as a wrong password, and is told the same. Hashing is
 * dear, so only one password is checked at a time, and only so many may wait.
 */
export async function passwordGuard(passwords: Passwords): Promise<Guard> {
  // Nobody's password: it is checked where there is no such user.
  const nobody = await hash(randomBytes(32).toString('base64'), mostRounds(passwords));
  const secret = randomBytes(32);
  const known = new Set<string>();
  const gate = new Gate(1);
  const underWay = new Map<string, Promise<boolean>>();
  const check = async (user: string, password: string): Promise<boolean> =>
    await gate.run(async () => {
      // bcrypt compares in constant time; a user who does not exist is never let in.
      const isRight = await compare(password, passwords.get(user) ?? nobody);
      return isRight && passwords.has(user);
    });
  return async (authorization) => {
    const credentials = parseBasic(authorization);
    if (credentials === undefined) return 'denied';
    const { user, password } = credentials;
    // Not the password itself is remembered, nor anything that outlives this process.
    const key = createHmac('sha256', secret)
      .update(JSON.stringify([user, password]))
      .digest('base64');
    if (known.has(key)) return 'granted';
    if (!underWay.has(key) && underWay.size >= WAITING_LIMIT) return 'busy';
    const work = underWay.get(key) ?? check(user, password);
    underWay.set(key, work);
    try {
      if (!(await work)) return 'denied';
      known.add(key);
      const [oldest = key] = known;
      if (known.size > REMEMBERED) known.delete(oldest);
      return 'granted';
    } finally {
      underWay.delete(key);
    }
  };
}

/** RFC 7617. */
function parseBasic(
  header: string | undefined,
): { readonly user: string; readonly password: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header ?? '')?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
