import type { ActionResult, Target } from '../../../src/targets/target.ts';

/** Does with one target what an install does: reaches it, plans, and applies each action in turn. */
export async function installTarget(target: Target): Promise<readonly ActionResult[]> {
  await target.reach();
  const results: ActionResult[] = [];
  for (const action of await target.plan()) results.push(await target.apply(action));
  return results;
}
