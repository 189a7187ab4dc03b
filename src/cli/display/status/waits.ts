import { formatDuration } from '../../../internal/format.ts';
import type { NetworkNotice, Phase } from '../../../internal/http/watch/notice.ts';

type Silence = Extract<NetworkNotice, { readonly type: 'silence' }>;
type Timed = Extract<NetworkNotice, { readonly type: 'retry' | 'pause' }>;

/** What was told, and when (milliseconds). */
interface Told<Notice> {
  readonly notice: Notice;
  readonly at: number;
}

/** Keeps what the network makes the work wait for, and puts it in words. */
export class Waits {
  readonly #silences = new Map<number, Told<Silence>>();
  readonly #timed = new Map<string, Told<Timed>>();

  /** Takes a notice. Returns whether it is news: not one more request that waits for what others wait for already. */
  take(notice: NetworkNotice, at: number): boolean {
    if (notice.type === 'silence-end') return this.#end(notice.request);
    if (notice.type !== 'silence') {
      this.#timed.set(`${notice.type} ${notice.host}`, { notice, at });
      return true;
    }
    const isNews = [...this.#silences.values()].every(({ notice: { host } }) => host !== notice.host);
    this.#silences.set(notice.request, { notice, at });
    return isNews;
  }

  /** Returns a sentence for each host that is waited for, the longest wait first. */
  sentences(now: number): readonly string[] {
    const silent = [...this.#silences.values()].map(({ notice, at }) => ({
      notice,
      seconds: notice.seconds + Math.floor((now - at) / 1000),
    }));
    const groups = [...Map.groupBy(silent, ({ notice: { host, phase } }) => `${phase} ${host}`).values()];
    const longest = groups
      .map((group) => group.toSorted((one, other) => other.seconds - one.seconds))
      .sort(([one], [other]) => (other?.seconds ?? 0) - (one?.seconds ?? 0));
    return [
      ...this.#waiting(now),
      ...longest.flatMap(([first, ...others]) =>
        first === undefined ? [] : [silenceInWords(first.notice, first.seconds, others.length + 1)],
      ),
    ];
  }

  #end(request: number): boolean {
    this.#silences.delete(request);
    return false;
  }

  /** A wait that is over says nothing any more. */
  #waiting(now: number): readonly string[] {
    return [...this.#timed].flatMap(([key, { notice, at }]) => {
      const left = notice.seconds - Math.floor((now - at) / 1000);
      if (left <= 0) this.#timed.delete(key);
      return left <= 0 ? [] : [waitInWords(notice, left)];
    });
  }
}

const SILENCES: Readonly<Record<Phase, (host: string, time: string) => string>> = {
  connect: (host, time) => `no connection to ${host} for ${time}`,
  send: (host, time) => `no bytes taken for ${time} by ${host}`,
  answer: (host, time) => `no answer for ${time} from ${host}`,
  body: (host, time) => `no bytes for ${time} from ${host}`,
};

function silenceInWords(
  { host, phase, try: number, tries }: Silence,
  seconds: number,
  requests: number,
): string {
  const many = requests === 1 ? '' : ` (${requests} requests)`;
  return `${SILENCES[phase](host, formatDuration(seconds))}${many}, try ${number} of ${tries}`;
}

function waitInWords(notice: Timed, left: number): string {
  const time = formatDuration(left);
  if (notice.type === 'retry')
    return `try ${notice.try} of ${notice.tries} at ${notice.host} in ${time}: ${notice.reason}`;
  return `waiting ${time} for ${notice.host}: ${notice.isQuota ? 'no quota is left' : 'it asked for a pause'}`;
}
