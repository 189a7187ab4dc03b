import { chromium, type Browser } from 'playwright-core';
import type { TestContext } from 'vitest';
import { requirePeer } from './peers.ts';

/** Nothing of the browser's own reaches the network, and root may start it; every start has a profile of its own. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A name that is not this host's own: a browser trusts those more than others.
  '--host-resolver-rules=MAP bundle.lab 127.0.0.1',
];

/** Starts the system's Chromium without a window. */
export async function startChromium(context: TestContext): Promise<Browser> {
  const executablePath = requirePeer(context, 'chromium');
  return await chromium.launch({ executablePath, headless: true, args: FLAGS });
}
