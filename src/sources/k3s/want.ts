import { type Channel, channel } from '../want.ts';
import type { K3sRequest } from './release.ts';

/** Where the files of releases are asked for. */
export const RELEASE_FILES: Channel<K3sRequest> = channel('k3s');
