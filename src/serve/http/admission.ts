import type { Server } from 'node:http';
import type { Socket } from 'node:net';

interface Guest {
  readonly key: string;
  readonly client: string;
  readonly socket: Socket;
  /** Requests in progress. */
  busy: number;
}

/**
 * Bounds the connections a server holds at once, so that no client can shut others out. When all are taken, a newcomer
 * replaces a connection of the client with the most, an idle one first. A newcomer who would then hold the most is turned
 * away. Returns the number of open connections.
 */
export function admitFairly(server: Server, limit: number): () => number {
  const guests = new Map<string, Guest>();
  const byClient = new Map<string, Set<Guest>>();

  const leave = (guest: Guest): void => {
    if (guests.get(guest.key) === guest) guests.delete(guest.key);
    const held = byClient.get(guest.client);
    held?.delete(guest);
    if (held?.size === 0) byClient.delete(guest.client);
  };
  const makeRoomFor = (client: string): boolean => {
    const victim = leavingOf(guests) ?? victimOf(byClient, client);
    if (victim === undefined) return false;
    leave(victim);
    victim.socket.destroy();
    return true;
  };

  server.on('connection', (socket) => {
    const guest: Guest = { key: keyOf(socket), client: clientOf(socket), socket, busy: 0 };
    if (guests.size >= limit && !makeRoomFor(guest.client)) {
      socket.destroy();
      return;
    }
    guests.set(guest.key, guest);
    byClient.set(guest.client, (byClient.get(guest.client) ?? new Set()).add(guest));
    socket.once('close', () => leave(guest));
  });
  server.on('request', ({ socket }, response) => {
    const guest = guests.get(keyOf(socket));
    if (guest === undefined) return;
    guest.busy += 1;
    response.once('close', () => (guest.busy -= 1));
  });
  return () => guests.size;
}

/** Returns a connection that has sent its last answer and is only closing. */
function leavingOf(guests: ReadonlyMap<string, Guest>): Guest | undefined {
  for (const guest of guests.values()) if (guest.socket.destroyed || guest.socket.writableEnded) return guest;
  return undefined;
}

/** Returns the connection to drop, or `undefined` when nobody has more than `client` would have. */
function victimOf(byClient: ReadonlyMap<string, ReadonlySet<Guest>>, client: string): Guest | undefined {
  let heaviest: ReadonlySet<Guest> = new Set();
  for (const held of byClient.values()) if (held.size > heaviest.size) heaviest = held;
  const own = byClient.get(client)?.size ?? 0;
  if (heaviest.size <= own + 1) return undefined;
  const held = [...heaviest];
  return held.find(({ busy }) => busy === 0) ?? held.at(-1);
}

/** The socket below TLS is a different object with the same addresses and ports. */
function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** IPv6 clients count by network: one host can use any address in its own (RFC 4291, 2.5.4). */
function clientOf({ remoteAddress = '' }: Socket): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(remoteAddress)?.[1];
  if (mapped !== undefined || !remoteAddress.includes(':')) return mapped ?? remoteAddress;
  const [head = '', tail] = remoteAddress.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  return [...groups, ...Array.from({ length: missing }, () => '0')].slice(0, 4).join(':');
}
