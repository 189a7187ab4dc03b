import type { HttpClient } from '../internal/http/http.ts';
import type { Registry } from '../oci/roles.ts';
import { createChartUpstream } from './charts/repository/upstream.ts';
import { createImageUpstream } from './images/upstream.ts';
import { createCatalogue } from './k3s/load-catalogue.ts';
import type { Questions } from './questions.ts';
import type { SourceContext } from './source.ts';
import { createWebUpstream } from './web/upstream.ts';

/** How the world is reached. */
export interface World {
  readonly http: HttpClient;
  readonly registryOf: (host: string) => Registry;
}

/** Returns the questions that the world itself answers, each once a run. */
export function live(
  { http, registryOf }: World,
  { upstreams, env, signal }: Pick<SourceContext, 'upstreams' | 'env' | 'signal'>,
): Questions {
  const web = createWebUpstream(http);
  return {
    images: createImageUpstream(registryOf),
    web,
    charts: createChartUpstream(web),
    catalogue: createCatalogue({ web, upstreams, env, signal }),
  };
}
