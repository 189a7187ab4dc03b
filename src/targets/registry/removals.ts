import type { Finding } from '../../internal/finding.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Repository } from '../../oci/roles.ts';
import type { LeftThere } from '../kind.ts';
import { parsePushedName } from './pushed-name.ts';
import type { KeptReceipt } from '../uninstall/claims.ts';
import {
  joinSteps,
  type Removal,
  type RemovalOptions,
  type StepResult,
  type TakenBack,
} from '../uninstall/step.ts';

/** The names of one manifest in one repository. They are removed together, because a registry deletes by digest. */
interface PushedManifest {
  readonly host: string;
  readonly repository: string;
  readonly digest: Digest;
  readonly names: readonly PushedName[];
}

interface PushedName {
  readonly kind: string;
  readonly name: string;
  readonly reference: string;
  readonly tagOrDigest: string;
}

/** Returns one step per pushed manifest, which deletes it if it still has the name it was given. */
export function imageRemovals(left: LeftThere, options: RemovalOptions): readonly Removal[] {
  return manifestsOf(left).map((manifest) => ({
    at: manifest.host,
    run: async () => await takeBackManifest(manifest, left.maybe, options),
  }));
}

function manifestsOf({ references, receipt }: LeftThere): readonly PushedManifest[] {
  const found = new Map<string, PushedManifest>();
  for (const { reference, digest } of references) {
    const parts = parsePushedName(reference);
    if (parts === undefined) continue;
    const { host, repository, tagOrDigest } = parts;
    const item = receipt.items.find(({ destination }) => destination === reference);
    const name = { kind: item?.kind ?? 'image', name: item?.name ?? reference, reference, tagOrDigest };
    const key = `${host}/${repository}@${digest}`;
    found.set(key, { host, repository, digest, names: [...(found.get(key)?.names ?? []), name] });
  }
  return [...found.values()];
}

async function takeBackManifest(
  manifest: PushedManifest,
  maybe: LeftThere['maybe'],
  options: RemovalOptions,
): Promise<StepResult> {
  const { host, digest, names } = manifest;
  const repository = options.registryAt(host).repository(manifest.repository);
  const settled = names.map(({ reference }) => reference);
  const heir = heirOf(manifest, options);
  if (heir !== undefined) {
    const known = new Set(heir.receipt.references.map(({ reference }) => reference));
    // What was pushed under such a name since is not this manifest.
    const references = settled.filter((name) => !known.has(name)).map((reference) => ({ reference, digest }));
    return { ...allOf(names, 'kept'), heirlooms: [{ heir, part: { references } }], settled };
  }
  const steps: StepResult[] = [];
  const ours: PushedName[] = [];
  for (const one of names) {
    throwIfInterrupted(options.signal);
    const found = await repository.resolve(one.tagOrDigest, { signal: options.signal });
    if (found?.digest === digest) ours.push(one);
    else if (found === undefined) steps.push(allOf([one], 'absent'));
    else if (maybe.has(one.reference)) steps.push(allOf([one], 'absent'));
    else steps.push({ ...allOf([one], 'kept'), findings: [movedFinding(one.reference, found.digest)] });
  }
  if (ours.length > 0) steps.push(await deleteNames(repository, { host, digest, ours }, options));
  return { ...joinSteps(steps), settled };
}

/**
 * Returns the receipt that claims one of these names, or the same manifest under another name, which would be deleted
 * too.
 */
function heirOf(
  { host, repository, digest, names }: PushedManifest,
  { claims }: RemovalOptions,
): KeptReceipt | undefined {
  const claimed = names.map(({ reference }) => claims.reference(reference));
  const heir = claimed.find((claim) => claim !== undefined);
  if (heir !== undefined) return heir;
  return claims.pusher((pushed) => {
    if (pushed.digest !== digest) return false;
    const parts = parsePushedName(pushed.reference);
    return parts?.host === host && parts.repository === repository;
  });
}

async function deleteNames(
  repository: Repository,
  {
    host,
    digest,
    ours,
  }: { readonly host: string; readonly digest: Digest; readonly ours: readonly PushedName[] },
  { dryRun, signal }: RemovalOptions,
): Promise<StepResult> {
  if (dryRun || (await repository.remove?.(digest, { signal })) === true) return allOf(ours, 'removed');
  const findings = ours.map(({ reference }) => stayingFinding(reference, host));
  return { ...allOf(ours, 'kept'), findings };
}

function allOf(names: readonly PushedName[], outcome: TakenBack['outcome']): StepResult {
  const actions = names.map(({ kind, name, reference }) => ({
    target: 'registry',
    kind,
    name,
    destination: reference,
    outcome,
  }));
  return { actions, findings: [], heirlooms: [], settled: [] };
}

function movedFinding(reference: string, digest: Digest): Finding {
  return {
    level: 'warning',
    message: `${reference} is ${digest} now, which this install did not push, and stays`,
    about: reference,
  };
}

function stayingFinding(reference: string, host: string): Finding {
  return {
    level: 'warning',
    message: `${reference} stays: the registry at ${host} does not allow deletion`,
    hint: "Allow deletion (Docker's registry: storage.delete.enabled), or remove the image with its own tools.",
    about: reference,
  };
}
