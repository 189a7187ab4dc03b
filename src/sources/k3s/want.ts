import { type Channel, channel } from '../want.ts';
import type { K3sRequest } from './release.ts';

/** The channel for requesting release files. */
export const RELEASE_FILES: Channel<K3sRequest> = channel('k3s');
