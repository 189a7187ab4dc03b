import { dirname, join } from 'node:path';
import type { Bundle } from '../../bundle/bundle.ts';
import { walkItem } from '../../bundle/plan/graph.ts';
import { BLOB_FOLDER, blobPath } from '../../bundle/format/layout.ts';
import type { ByteStream } from '../../internal/bytes.ts';
import type { Finding } from '../../internal/finding.ts';
import { formatCount } from '../../internal/format.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { verified } from '../../oci/verified.ts';
import type { NamedImage } from '../../bundle/open-layout.ts';
import { imagesIn, nameImage, requireLayoutFolder } from './layout.ts';
import { makeFolder, requireWritable } from '../../disk/folder.ts';
import { type Owner, ownerUnder } from '../../disk/owner.ts';
import { placedState } from '../receipts/placed-state.ts';
import { place } from '../../disk/place.ts';
import type { StagedFile } from '../../disk/placing/staging.ts';
import { Sweep } from '../../disk/sharing/temporary.ts';
import { registryItems } from '../registry/items.ts';
import type { Action, ActionResult, ApplyOptions, Target } from '../target.ts';

export interface EmbeddedOptions {
  /** Path of the layout, which may not exist yet. */
  readonly folder: string;
  readonly invoker?: Owner | undefined;
}

type ImageItem = ReturnType<typeof registryItems>[number];
/** Images are readable by everyone. */
const MODE = 0o644;

/**
 * Makes the target that puts images into a folder as an OCI image layout, under their own names. `bundle serve` can
 * serve it like a bundle, where there is no registry to push to.
 */
export function embeddedTarget(bundle: Bundle, options: EmbeddedOptions): Target {
  const { folder, invoker } = options;
  const images = registryItems(bundle);
  const sweep = new Sweep();
  return {
    name: 'embedded',
    place: folder,
    isOnDisk: true,
    async reach() {
      await requireWritable(folder);
      await requireLayoutFolder(folder);
      await imagesIn(folder);
    },
    async plan(wait = {}) {
      const lacking = blobStates(folder, wait);
      const counted = new Set<Digest>();
      const listed = await imagesIn(folder);
      const actions: Action[] = [];
      for (const item of images) {
        const content = await lackingOf(bundle, item, { lacking, signal: wait.signal });
        const fresh = content.filter(({ digest }) => !counted.has(digest));
        for (const { digest } of fresh) counted.add(digest);
        actions.push({
          target: 'embedded',
          kind: item.kind,
          name: item.name,
          destination: folder,
          bytes: fresh.reduce((sum, { size }) => sum + size, 0),
          state: imageState(listed, item, content),
          needs: content.map(({ digest }) => digest),
          workFolder: join(folder, BLOB_FOLDER),
          leaves: { paths: content.map(({ digest }) => join(folder, blobPath(digest))) },
        });
      }
      return actions;
    },
    async staged(actions) {
      const owner = await ownerUnder(folder, invoker);
      const needed = new Set(actions.flatMap(({ needs = [] }) => [...needs]));
      return [...needed].map((digest) => stagedBlob(bundle, digest, { folder, owner }));
    },
    async apply(action, { onBytes, staging, signal } = {}) {
      const item = images.find(({ kind, name }) => kind === action.kind && name === action.name);
      if (item === undefined) throw new TypeError(`nothing was planned as "${action.name}"`);
      return await placeImage(bundle, action, { folder, invoker, item, sweep, staging, onBytes, signal });
    },
    async prove(wait = {}) {
      const lacking = blobStates(folder, wait);
      const named = new Map(
        (await imagesIn(folder)).map(({ name, descriptor }) => [name, descriptor.digest]),
      );
      const errors: Finding[] = [];
      for (const item of images) {
        const missing = await lackingOf(bundle, item, { lacking, signal: wait.signal });
        const isNamed = named.get(item.name) === item.descriptor.digest;
        if (isNamed && missing.length === 0) continue;
        const fact = isNamed
          ? `${formatCount(missing.length, 'blob')} of it are missing or damaged`
          : 'it is not listed';
        errors.push({ level: 'error', message: `${item.name} is not served from ${folder}: ${fact}` });
      }
      const proven = formatCount(images.length - errors.length, 'image');
      const summary = `${folder} holds ${proven}, every byte read again; serve them with: bundle serve ${folder}`;
      return errors.length === images.length ? errors : [{ level: 'ok', message: summary }, ...errors];
    },
  };
}

function stagedBlob(
  bundle: Bundle,
  digest: Digest,
  { folder, owner }: { readonly folder: string; readonly owner: Owner | undefined },
): StagedFile {
  const path = join(folder, blobPath(digest));
  const descriptor = { digest, size: bundle.sizeOf(digest) ?? 0 };
  return { descriptor, mode: MODE, locate: async () => ({ path, folder: dirname(path), owner }) };
}

/** Checks each blob of the folder once, however many images share it. */
function blobStates(folder: string, wait: WaitOptions): (target: Descriptor) => Promise<boolean> {
  const states = new Map<Digest, Promise<Action['state']>>();
  return async (descriptor) => {
    const { digest } = descriptor;
    const path = join(folder, blobPath(digest));
    const state = states.get(digest) ?? placedState(path, { descriptor, mode: 0 }, wait);
    states.set(digest, state);
    return (await state) !== 'present';
  };
}

/** Children before parents, so that an interruption leaves no dangling references. */
async function lackingOf(
  bundle: Bundle,
  item: ImageItem,
  options: WaitOptions & { readonly lacking: (target: Descriptor) => Promise<boolean> },
): Promise<readonly Descriptor[]> {
  const missing: Descriptor[] = [];
  for await (const { descriptor } of walkItem(bundle, item, { signal: options.signal }))
    if (await options.lacking(descriptor)) missing.push(descriptor);
  return missing;
}

function imageState(
  listed: readonly NamedImage[],
  item: ImageItem,
  lacking: readonly Descriptor[],
): Action['state'] {
  const named = listed.find(({ name }) => name === item.name);
  if (named === undefined) return 'missing';
  if (named.descriptor.digest !== item.descriptor.digest) return 'different';
  return lacking.length === 0 ? 'present' : 'missing';
}

async function placeImage(
  bundle: Bundle,
  action: Action,
  options: ApplyOptions & EmbeddedOptions & { readonly item: ImageItem; readonly sweep: Sweep },
): Promise<ActionResult> {
  const { item, folder, invoker, sweep, staging, onBytes, signal } = options;
  const nodes = await Array.fromAsync(walkItem(bundle, item, { signal: options.signal }));
  const digests = nodes.map(({ descriptor }) => descriptor.digest);
  // A run that was killed right after the last change has left its lock.
  await sweep.clear(folder);
  if (action.state === 'present') return { ...action, outcome: 'present', leaves: undefined, digests };
  const owner = await ownerUnder(folder, invoker);
  const paths: string[] = [];
  const lacking = blobStates(folder, options);
  for (const target of await lackingOf(bundle, item, { lacking, signal: options.signal })) {
    const path = join(folder, blobPath(target.digest));
    await makeFolder(dirname(path), { owner });
    const isStaged = (await staging?.place(path)) === true;
    if (isStaged) onBytes?.(target.size);
    else
      await place(path, countedContent(bundle, target, options), {
        mode: MODE,
        owner,
        sweep,
        kind: 'target',
        signal,
      });
    paths.push(path);
  }
  // The name comes last, so that a client sees either the complete image or the old one.
  await nameImage(
    folder,
    { name: item.name, descriptor: item.descriptor },
    { owner, signal: options.signal },
  );
  const outcome = action.state === 'different' ? 'replaced' : 'placed';
  return { ...action, outcome, leaves: { paths }, digests };
}

async function* countedContent(bundle: Bundle, target: Descriptor, options: ApplyOptions): ByteStream {
  for await (const chunk of verified(bundle.fetch(target, { signal: options.signal }), target)) {
    options.onBytes?.(chunk.length);
    yield chunk;
  }
}
