import { type Channel, channel } from '../want.ts';
import type { KubectlRequest } from './kubectl.ts';

/** Where clients are asked for. */
export const CLIENTS: Channel<KubectlRequest> = channel('kubectl');
