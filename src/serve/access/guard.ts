import { createHmac, randomBytes } from 'node:crypto';
import { compare, hash } from 'bcryptjs';
import { Gate } from '../../internal/gate.ts';
import { mostRounds, type Passwords } from './htpasswd.ts';

/** The outcome of checking a request's credentials. */
type Admission = 'granted' | 'denied' | 'busy';

/** Decides from the `Authorization` header who may come in. */
export type Guard = (authorization: string | undefined) => Promise<Admission>;

/** Caches correct passwords for a while, since a pull is a hundred requests. */
const REMEMBERED = 256;
/** Limits the queue of password checks: a longer one means that somebody is guessing. */
const WAITING_LIMIT = 32;

/**
 * Returns a guard over a password file. An unknown user takes as long as a wrong password and gets the same answer. Hashing
 * is expensive, so passwords are checked one at a time, and the queue is bounded.
 */
export async function passwordGuard(passwords: Passwords): Promise<Guard> {
  // A dummy hash, checked when the user does not exist.
  const nobody = await hash(randomBytes(32).toString('base64'), mostRounds(passwords));
  const secret = randomBytes(32);
  const known = new Set<string>();
  const gate = new Gate(1);
  const underWay = new Map<string, Promise<boolean>>();
  const check = async (user: string, password: string): Promise<boolean> =>
    await gate.run(async () => {
      // bcrypt compares in constant time; an unknown user is never let in.
      const isRight = await compare(password, passwords.get(user) ?? nobody);
      return isRight && passwords.has(user);
    });
  return async (authorization) => {
    const credentials = parseBasic(authorization);
    if (credentials === undefined) return 'denied';
    const { user, password } = credentials;
    // The cache holds neither the password itself nor anything that is useful outside this process.
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
