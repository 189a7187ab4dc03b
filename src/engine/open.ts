import type { EngineAddress } from './address.ts';
import { containerdEngine } from './containerd/containerd.ts';
import { containerdStore } from './containerd/store.ts';
import { dockerEngine } from './docker/docker.ts';
import { dockerStore } from './docker/store.ts';
import type { Engine } from './engine.ts';
import type { EngineHost } from './host.ts';
import { locateEngine } from './locate.ts';
import type { EngineStore } from './store.ts';

/** Returns an engine of a host, to load images into. @throws `ERR_USAGE_INVALID` */
export async function openEngine(address: EngineAddress, host: EngineHost): Promise<Engine> {
  const place = await locateEngine(address, host);
  return place.type === 'docker' ? dockerEngine(place.name, place.socket) : containerdEngine(place);
}

/** Returns the images of an engine of a host, to take some of them. @throws `ERR_USAGE_INVALID` */
export async function openEngineStore(address: EngineAddress, host: EngineHost): Promise<EngineStore> {
  const place = await locateEngine(address, host);
  return place.type === 'docker' ? dockerStore(place) : containerdStore(place);
}
