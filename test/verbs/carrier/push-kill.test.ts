import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { verifyBundle } from '../../../src/verbs/verify.ts';
import { KILLED_PUSH } from '../../support/process/killed-push.ts';
import { type CarrierLab, LAB, startCarrierLab } from '../../support/registry/carrier-lab.ts';
import type { Exchange } from '../../support/registry/exchange.ts';
import { NOBODY } from '../../support/surroundings.ts';

/** Small manifests, so that there are several, and tags of parts. */
const WAYS = { layers: 12, concurrency: 2 } as const;

/** Whether a request may leave something at the registry. */
function isWrite({ request }: Exchange): boolean {
  return request.method === 'POST' || request.method === 'PATCH' || request.method === 'PUT';
}

/** Pushes in a process that is killed with -9 when its write of this number arrives; returns what it said. */
async function killedPush(
  start: (intercept: (exchange: Exchange) => Promise<boolean>) => Promise<CarrierLab>,
  { survived, isTaken }: { readonly survived: number; readonly isTaken: boolean },
): Promise<{ readonly lab: CarrierLab; readonly said: string }> {
  let writes = 0;
  let child: ChildProcess | undefined;
  const lab = await start(async (exchange) => {
    if (child === undefined || !isWrite(exchange)) return false;
    writes += 1;
    if (writes !== survived + 1) return false;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    child = undefined;
    // What has arrived by now is done, or is lost with the connection.
    if (isTaken) return false;
    exchange.response.destroy();
    return true;
  });
  const wish = { ...WAYS, path: lab.at('lab.tar'), reference: lab.reference() };
  child = spawn(process.execPath, [KILLED_PUSH, JSON.stringify(wish)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { stdout } = child;
  const said = stdout === null ? '' : await text(stdout);
  return { lab, said };
}

/** How many writes a push of the bundle takes. */
async function countWrites(): Promise<number> {
  let writes = 0;
  await using lab = await startCarrierLab({
    intercept: async (exchange) => {
      if (isWrite(exchange)) writes += 1;
      return false;
    },
  });
  await lab.push(WAYS);
  return writes;
}

describe('a push that is killed with -9', () => {
  it(
    'at any write leaves no tag of half a bundle, and the next one sends what is missing',
    { timeout: 120_000 },
    async () => {
      const all = await countWrites();
      const moments = [0, 2, Math.floor(all / 2), all - 6, all - 4, all - 1];
      for (const [round, survived] of moments.entries()) {
        const isTaken = round % 2 === 0;
        const { lab: killed, said } = await killedPush((intercept) => startCarrierLab({ intercept }), {
          survived,
          isTaken,
        });
        await using lab = killed;
        expect({ survived, said }).toEqual({ survived, said: '' });
        // The last write is the tag itself.
        const isNamed = lab.tagged('2026-11') !== undefined;
        expect({ survived, isNamed: isNamed && survived < all - 1 }).toEqual({ survived, isNamed: false });
        const had = [...(lab.registry.content.find('bundles/lab')?.blobs ?? [])];
        lab.registry.log.clear();
        const again = await lab.push(WAYS);
        expect({ survived, sent: lab.received() }).toEqual({ survived, sent: again.pushedBytes });
        expect(again.presentBytes).toBe(again.bytes - again.pushedBytes);
        const sent = lab.registry.log.entries
          .filter(({ method, topic }) => method === 'PUT' && topic === 'upload')
          .map(({ path }) => new URLSearchParams(path.split('?')[1]).get('digest'));
        expect({ survived, twice: sent.filter((digest) => had.includes(digest ?? '')) }).toEqual({
          survived,
          twice: [],
        });
        expect(await verifyBundle({ path: lab.oci() }, NOBODY)).toMatchObject({
          ok: true,
          root: LAB.plan.root,
        });
      }
    },
  );
});
