/** One request and what became of it. */
export interface AccessEntry {
  /** Address of the client. */
  readonly client: string;
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  readonly status: number;
  /** Sent, headers included (bytes). */
  readonly bytes: number;
  readonly seconds: number;
  /** Program of the client, by its own account. */
  readonly agent: string;
  /** The answer was cut short, by whomever. */
  readonly cut: boolean;
}

/** Something that the one who serves should know. */
export interface LogEvent {
  readonly level: 'info' | 'warning' | 'error';
  readonly message: string;
}

/** How lines are written: for people, or one JSON document each. */
export type LogFormat = 'text' | 'json';

/** Returns a line for a request. Nothing that a client sends can begin a line of its own. */
export function formatAccess(entry: AccessEntry, format: LogFormat, now: Date): string {
  const time = now.toISOString();
  if (format === 'json') return JSON.stringify({ time, type: 'access', ...entry });
  const { client, method, target, status, bytes, seconds, agent, cut } = entry;
  const facts = [client, method, escaped(target), status, `${bytes} B`, `${seconds.toFixed(3)} s`];
  return [time, ...facts, ...(cut ? ['cut'] : []), JSON.stringify(escaped(agent))].join(' ');
}

/** Returns a line for an event. */
export function formatEvent(event: LogEvent, format: LogFormat, now: Date): string {
  const time = now.toISOString();
  if (format === 'json') return JSON.stringify({ time, type: 'event', ...event });
  return `${time} ${event.level}: ${escaped(event.message)}`;
}

/** What a terminal would act on is shown as its number. */
function escaped(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
