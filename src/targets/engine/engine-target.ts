import type { ByteStream } from '../../internal/bytes.ts';
import { type Bundle, engineArchive, engineBlobs, type EngineImage } from '../../bundle/bundle.ts';
import type { Engine, HeldImage } from '../../engine/engine.ts';
import type { Finding } from '../../internal/finding.ts';
import { formatCount } from '../../internal/format.ts';
import { mapConcurrently } from '../../internal/gate.ts';
import { formatPlatform, type Platform } from '../../oci/platform.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { itemsFor } from '../item-files.ts';
import type { Action, ActionResult, Target } from '../target.ts';
import { type Taken, taken } from '../taken.ts';
import { chooseImage } from './choose-image.ts';

export interface EngineTargetOptions {
  readonly engine: Engine;
  /** Of the images; the engine runs one. */
  readonly platform: Platform;
  /** Names of the images to load; other missing images are not loaded. */
  readonly only?: ReadonlySet<string> | undefined;
}

/** An image of the bundle on its way to an engine. */
interface Meant {
  readonly itemName: string;
  readonly image: EngineImage;
}

/** Concurrent questions to an engine. */
const CONCURRENCY = 4;

/**
 * Makes the target that loads images into a local engine, each in an archive of its own that is streamed out of the bundle.
 * What the engine has by digest is not sent.
 */
export function engineTarget(bundle: Bundle, options: EngineTargetOptions): Target {
  const { engine, platform, only } = options;
  let loaded: Promise<Taken<Meant>> | undefined;
  const load = (wait: WaitOptions): Promise<Taken<Meant>> => (loaded ??= meantFor(bundle, options, wait));
  const images = async (wait: WaitOptions): Promise<readonly Meant[]> => (await load(wait)).things;
  return {
    name: 'engine',
    place: engine.place,
    isOnDisk: false,
    async reach(wait = {}) {
      await engine.reach(wait);
    },
    async plan(wait = {}) {
      const all = (await images(wait)).filter(
        ({ itemName, image }) => only?.has(itemName) !== false || only.has(image.name),
      );
      return await mapConcurrently(all, CONCURRENCY, async (meant) =>
        actionFor(meant, engine, await engine.find(meant.image.name, wait)),
      );
    },
    async leftOut(wait = {}) {
      return (await load(wait)).findings;
    },
    async apply(action, { onBytes, signal } = {}): Promise<ActionResult> {
      const meant = (await images({ signal })).find(
        ({ image }) => nameAt(engine, image) === action.destination,
      );
      if (meant === undefined) throw new TypeError(`no image was planned at "${action.destination}"`);
      const { image } = meant;
      const digests = engineBlobs(image).map(({ digest }) => digest);
      const now = actionFor(meant, engine, await engine.find(image.name, { signal }));
      if (now.state === 'present') return { ...action, outcome: 'present', leaves: undefined, digests };
      let uncounted = onBytes;
      const open = (): ByteStream => {
        const archive = counted(engineArchive(bundle, image).open({ signal }), uncounted);
        uncounted = undefined;
        return archive;
      };
      await engine.load(open, { name: image.name, platform: formatPlatform(platform), signal });
      const held = await engine.find(image.name, { signal });
      const outcome = action.state === 'different' ? 'replaced' : 'pushed';
      return { ...action, outcome, leaves: leavesOf(engine, image, held?.id), digests };
    },
    async prove(wait = {}) {
      const all = await images(wait);
      const findings = await mapConcurrently(all, CONCURRENCY, async ({ image }) =>
        proven(image, engine, await engine.find(image.name, wait)),
      );
      const errors = findings.filter((finding) => finding !== undefined);
      const ok: Finding = {
        level: 'ok',
        message: `${engine.title} has ${formatCount(all.length - errors.length, 'image')} by name and digest`,
      };
      return errors.length === all.length ? errors : [ok, ...errors];
    },
  };
}

async function meantFor(
  bundle: Bundle,
  { engine, platform }: EngineTargetOptions,
  { signal }: WaitOptions,
): Promise<Taken<Meant>> {
  const { keepsDigests } = engine;
  const loads = itemsFor(bundle, 'image', 'registry').map(async (item): Promise<Meant> => {
    const image = await chooseImage(bundle, item, { platform, keepsDigests, signal });
    return { itemName: item.name, image };
  });
  return await taken(
    loads,
    (count) => `Cannot load images into ${engine.title}: ${formatCount(count, 'image')} cannot be loaded`,
  );
}

function actionFor({ itemName, image }: Meant, engine: Engine, held: HeldImage | undefined): Action {
  const state = stateOf(image, held);
  const blobs = state === 'present' ? [] : engineBlobs(image);
  return {
    target: 'engine',
    kind: 'image',
    name: itemName,
    destination: nameAt(engine, image),
    bytes: blobs.reduce((sum, { size }) => sum + size, 0),
    state,
    needs: blobs.map(({ digest }) => digest),
    leaves: leavesOf(engine, image),
  };
}

/** An engine knows an image by its index, its manifest or its config, depending on its store. */
function stateOf({ root, image, manifest }: EngineImage, held: HeldImage | undefined): Action['state'] {
  if (held === undefined) return 'missing';
  const isOurs = [root, image, manifest.config].some(({ digest }) => digest === held.id);
  if (!isOurs) return 'different';
  return held.isWhole ? 'present' : 'missing';
}

function proven(image: EngineImage, engine: Engine, held: HeldImage | undefined): Finding | undefined {
  const state = stateOf(image, held);
  if (state === 'present') return undefined;
  const fact = held === undefined ? 'is not there' : state === 'different' ? `is ${held.id}` : 'is not whole';
  return {
    level: 'error',
    message: `${image.name} ${fact} in ${engine.title}`,
    hint: 'Run the install again; it sends only what is missing.',
    about: nameAt(engine, image),
  };
}

/** An uninstall recognises an image by what the engine calls it. */
function leavesOf(engine: Engine, image: EngineImage, id = image.root.digest): Action['leaves'] {
  return { references: [{ reference: nameAt(engine, image), digest: id }] };
}

function nameAt({ place }: Engine, { name }: EngineImage): string {
  return `${place}/${name}`;
}

async function* counted(
  archive: AsyncIterable<Uint8Array>,
  onBytes: ((bytes: number) => void) | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of archive) {
    onBytes?.(chunk.length);
    yield chunk;
  }
}
