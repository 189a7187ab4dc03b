import { type Channel, channel } from '../want.ts';
import type { KubectlRequest } from './kubectl.ts';

/** The channel for requesting clients. */
export const CLIENTS: Channel<KubectlRequest> = channel('kubectl');
