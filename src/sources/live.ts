import type { HttpClient } from '../internal/http/http.ts';
import type { Registry } from '../oci/roles.ts';
import { createImageUpstream, type EarlierRun } from './images/upstream.ts';
import type { Asking, Questions } from './questions.ts';
import { createWebUpstream } from './web/upstream.ts';

export type { EarlierRun };

/** How to reach the world. */
export interface World {
  readonly http: HttpClient;
  readonly registryOf: (host: string) => Registry;
  /** What need not be asked for again; nothing when left out. */
  readonly earlier?: EarlierRun | undefined;
}

/** Returns questions that are answered live, each asked once a run. */
export function live(
  { http, registryOf, earlier }: World,
  { upstreams, env, signal }: Omit<Asking, 'images' | 'web'>,
): Questions {
  const web = createWebUpstream(http);
  const images = createImageUpstream(registryOf, earlier);
  return {
    images,
    web,
    ask: async (question, key) => await question.ask(key, { images, web, upstreams, env, signal }),
  };
}
