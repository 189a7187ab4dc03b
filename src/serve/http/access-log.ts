/** One request and its outcome. */
export interface AccessEntry {
  /** Address of the client. */
  readonly client: string;
  readonly method: string;
  /** Path and query as received. */
  readonly target: string;
  readonly status: number;
  /** Bytes sent, headers included. */
  readonly bytes: number;
  readonly seconds: number;
  /** The client's `User-Agent`. */
  readonly agent: string;
  /** The answer was cut short, by either side. */
  readonly cut: boolean;
}

/** An event that the operator should know about. */
export interface LogEvent {
  readonly level: 'info' | 'warning' | 'error';
  readonly message: string;
}

/** The log format: text for people, or one JSON document a line. */
export type LogFormat = 'text' | 'json';

/** Returns the log line of a request. Nothing a client sends can start a new line. */
export function formatAccess(entry: AccessEntry, format: LogFormat, now: Date): string {
  const time = now.toISOString();
  if (format === 'json') return JSON.stringify({ time, type: 'access', ...entry });
  const { client, method, target, status, bytes, seconds, agent, cut } = entry;
  const facts = [client, method, escaped(target), status, `${bytes} B`, `${seconds.toFixed(3)} s`];
  return [time, ...facts, ...(cut ? ['cut'] : []), JSON.stringify(escaped(agent))].join(' ');
}

/** Returns the log line of an event. */
export function formatEvent(event: LogEvent, format: LogFormat, now: Date): string {
  const time = now.toISOString();
  if (format === 'json') return JSON.stringify({ time, type: 'event', ...event });
  return `${time} ${event.level}: ${escaped(event.message)}`;
}

/** Escapes characters that a terminal would act on. */
function escaped(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
