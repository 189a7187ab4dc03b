import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** What a request to a registry is about. */
type RequestTopic = 'ping' | 'manifest' | 'blob' | 'upload' | 'tags' | 'referrers' | 'token' | 'other';

/** A request as a server saw it. `status` and the byte counts fill in while it is answered. */
export interface RequestEntry {
  readonly method: string;
  readonly topic: RequestTopic;
  /** Path with its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  status: number;
  bytesReceived: number;
  bytesSent: number;
}

/** `GET blob`, `HEAD manifest`, `POST upload`: method and topic. */
export type RequestKind = `${string} ${RequestTopic}`;

/** Everything a server was asked, in order, so that a test can count requests and look for what must not be in them. */
export class RequestLog {
  readonly entries: RequestEntry[] = [];

  add(request: IncomingMessage): RequestEntry {
    const path = request.url ?? '/';
    const entry: RequestEntry = {
      method: request.method ?? 'GET',
      topic: topicOf(path),
      path,
      headers: request.headers,
      status: 0,
      bytesReceived: 0,
      bytesSent: 0,
    };
    this.entries.push(entry);
    return entry;
  }

  /** Returns how many requests of a kind came, on paths that match when a pattern is given. */
  count(kind: RequestKind, path?: RegExp): number {
    return this.entries.filter((entry) => isOfKind(entry, kind) && (path?.test(entry.path) ?? true)).length;
  }

  /** Forgets everything, for a second run to be counted alone. */
  clear(): void {
    this.entries.length = 0;
  }
}

/** Returns whether a request is of a kind. */
export function isOfKind(entry: RequestEntry, kind: RequestKind): boolean {
  return kind === `${entry.method} ${entry.topic}`;
}

function topicOf(path: string): RequestTopic {
  const [pathname = ''] = path.split('?');
  if (/^\/v2\/?$/.test(pathname)) return 'ping';
  if (pathname.startsWith('/token')) return 'token';
  if (/\/blobs\/uploads\//.test(pathname)) return 'upload';
  if (/\/blobs\/[^/]+$/.test(pathname)) return 'blob';
  if (/\/manifests\/[^/]+$/.test(pathname)) return 'manifest';
  if (pathname.endsWith('/tags/list')) return 'tags';
  return /\/referrers\/[^/]+$/.test(pathname) ? 'referrers' : 'other';
}
