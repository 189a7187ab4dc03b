import type { HttpClient } from '../internal/http/http.ts';
import { redactUrl } from '../internal/http/redact.ts';
import type { Questions } from './questions.ts';

/** How far a spec is resolved. */
export interface ResolveProgress {
  /** Images and look-ups that are resolved. */
  readonly done: number;
  /** Of so many as are known by now. */
  readonly total: number;
  /** Read of files that no published checksum is found for (bytes). */
  readonly readBytes: number;
  /** What is being looked up, in the order it began: images, addresses without their secrets. */
  readonly underWay: readonly string[];
}

/** Counts what a spec asks for while it is resolved. */
export class ResolveTally {
  readonly #onProgress: (progress: ResolveProgress) => void;
  readonly #open = new Set<{ readonly name: string }>();
  #done = 0;
  #begun = 0;
  #announced = 0;
  #readBytes = 0;

  constructor(onProgress: (progress: ResolveProgress) => void) {
    this.#onProgress = onProgress;
  }

  /** Takes the number of things that are going to be tracked, before the first of them. */
  announce(count: number): void {
    this.#announced += count;
    this.#tell();
  }

  /** Does a part of the work that a user knows by this name. `announced` says that its number was told before. */
  async track<T>(
    name: string,
    task: () => Promise<T>,
    { announced = false }: { readonly announced?: boolean } = {},
  ): Promise<T> {
    const entry = { name };
    this.#open.add(entry);
    if (!announced) this.#begun += 1;
    this.#tell();
    try {
      return await task();
    } finally {
      this.#open.delete(entry);
      this.#done += 1;
      this.#tell();
    }
  }

  /** Returns questions that are counted as they are asked. Images are counted as a whole, by who resolves them. */
  asking({ images, web, ask }: Questions): Questions {
    return {
      images,
      web: {
        measure: (url, options) => this.track(redactUrl(url), () => web.measure(url, options)),
        document: (url, options) => this.track(redactUrl(url), () => web.document(url, options)),
        query: (url, options) => this.track(redactUrl(url), () => web.query(url, options)),
      },
      ask: (question, key) => this.track(question.title(key), () => ask(question, key)),
    };
  }

  /** Returns a client whose downloads are counted. */
  reading(client: HttpClient): HttpClient {
    const onBytes = (count: number): void => {
      this.#readBytes += count;
      this.#tell();
    };
    return {
      request: (url, asked) => client.request(url, asked),
      download: async function* counted(url, options) {
        for await (const chunk of client.download(url, options)) {
          onBytes(chunk.length);
          yield chunk;
        }
      },
      [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
    };
  }

  #tell(): void {
    this.#onProgress({
      done: this.#done,
      total: this.#announced + this.#begun,
      readBytes: this.#readBytes,
      underWay: [...this.#open].map(({ name }) => name),
    });
  }
}
