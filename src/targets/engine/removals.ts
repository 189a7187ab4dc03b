import { parseEngine } from '../../engine/address.ts';
import type { Engine } from '../../engine/engine.ts';
import { openEngine } from '../../engine/open.ts';
import type { Finding } from '../../internal/finding.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import type { Digest } from '../../oci/digest.ts';
import type { LeftThere } from '../kind.ts';
import type { Removal, RemovalOptions, StepResult, TakenBack } from '../uninstall/step.ts';

const PREFIX = 'engine:';

/** Returns one step per name, which takes it from the engine if it still means the same image. */
export function engineRemovals(left: LeftThere, options: RemovalOptions): readonly Removal[] {
  let engine: Promise<Engine> | undefined;
  return left.references.map(({ reference, digest }) => ({
    at: left.place,
    run: async () => {
      engine ??= openEngine(addressOf(left.place), options.host);
      return await takeBackName({ reference, digest, left, engine: await engine }, options);
    },
  }));
}

interface LoadedName {
  readonly reference: string;
  readonly digest: Digest;
  readonly left: LeftThere;
  readonly engine: Engine;
}

async function takeBackName(
  { reference, digest, left, engine }: LoadedName,
  { claims, dryRun, signal }: RemovalOptions,
): Promise<StepResult> {
  throwIfInterrupted(signal);
  const name = reference.slice(left.place.length + 1);
  const resultOf = (outcome: TakenBack['outcome'], rest: Partial<StepResult> = {}): StepResult => ({
    actions: [{ target: 'engine', kind: 'image', name, destination: reference, outcome }],
    findings: [],
    heirlooms: [],
    settled: [reference],
    ...rest,
  });
  const heir = claims.reference(reference);
  if (heir !== undefined)
    return resultOf('kept', { heirlooms: [{ heir, part: { references: [{ reference, digest }] } }] });
  const held = await engine.find(name, { signal });
  if (held === undefined) return resultOf('absent');
  if (held.id !== digest) {
    // What the install was only about to load may be older than it.
    if (left.maybe.has(reference)) return resultOf('absent');
    return resultOf('kept', { findings: [stays(reference, `is ${held.id} by now, and stays`)] });
  }
  const reason = dryRun ? undefined : await engine.remove(name, { signal });
  if (reason === undefined) return resultOf('removed');
  return resultOf('kept', { findings: [stays(reference, `stays: ${reason}`)] });
}

/** A place in a receipt is `engine:NAME:WHERE`. */
function addressOf(place: string): ReturnType<typeof parseEngine> {
  return parseEngine(place.slice(PREFIX.length).replace(':', '='));
}

function stays(reference: string, fact: string): Finding {
  return { level: 'warning', message: `${reference} ${fact}`, about: reference };
}
