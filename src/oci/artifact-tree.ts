import { EMPTY_CONFIG } from './artifact.ts';
import type { ArtifactFile } from './artifact.ts';
import { ANNOTATION } from './annotation.ts';
import type { Descriptor } from './descriptor.ts';

/** A symbolic link of an artifact. */
export interface ArtifactLink {
  /** Its title: a relative path. */
  readonly name: string;
  /** Relative to the folder that the link is in. */
  readonly target: string;
}

/** All that an artifact is made of: files, the links between them, and folders that would else be lost. */
export interface ArtifactTree {
  readonly files: readonly ArtifactFile[];
  readonly links: readonly ArtifactLink[];
  /** Titles of folders; those that files or links are in need not be among them. */
  readonly folders: readonly string[];
}

/** Returns the layer descriptor of a link: it has no content but the two bytes that every artifact has. */
export function linkLayerOf({ name, target }: ArtifactLink): Descriptor {
  return { ...EMPTY_CONFIG, annotations: { [ANNOTATION.title]: name, [ANNOTATION.link]: target } };
}

/** Returns the layer descriptor of a folder. */
export function folderLayerOf(name: string): Descriptor {
  return { ...EMPTY_CONFIG, annotations: { [ANNOTATION.title]: name, [ANNOTATION.folder]: 'true' } };
}

/** Linux follows at most this many links in one path (path_resolution(7)). */
export const CHAIN_LIMIT = 40;
/** `../` at the start alone: behind a name it would depend on whether that is a link. */
const TARGET = /^((?:\.\.\/)*)([^/]+(?:\/[^/]+)*)$/;

/**
 * Returns what is wrong with the links of a tree, or `undefined`: each must lead to a file or a folder of the tree, without going
 * around in a circle, and not to a folder that it is in.
 */
export function faultOfLinks({ files, links, folders }: ArtifactTree): string | undefined {
  const known = new Set(files.map(({ name }) => name));
  const inside = new Set([...files, ...links].flatMap(({ name }) => parentsOf(name)));
  for (const folder of folders) for (const each of [folder, ...parentsOf(folder)]) inside.add(each);
  const next = new Map<string, string>();
  for (const { name, target } of links) {
    const to = placeOf(name, target);
    if (to === undefined) return `its link "${name}" leads to "${target}", which is not inside it`;
    next.set(name, to);
  }
  const ends = new Map<string, string>();
  for (const { name, target } of links) {
    let to = next.get(name) ?? '';
    for (let count = 1; next.has(to); count++) {
      if (count >= CHAIN_LIMIT) return `its link "${name}" leads from link to link without an end`;
      to = next.get(to) ?? '';
    }
    if (!known.has(to) && !inside.has(to))
      return `its link "${name}" leads to "${target}", which is not there`;
    if (inside.has(to)) ends.set(name, to);
  }
  const circular = circularLink(ends);
  return circular === undefined ? undefined : `its link "${circular}" leads back to itself`;
}

/** Returns the file that a title stands for, through links; `undefined` for what is none. The tree must be checked. */
export function fileAt({ files, links }: ArtifactTree, title: string): ArtifactFile | undefined {
  let name = title;
  for (let count = 0; count <= CHAIN_LIMIT; count++) {
    const file = files.find((each) => each.name === name);
    if (file !== undefined) return file;
    const link = links.find((each) => each.name === name);
    if (link === undefined) return undefined;
    name = placeOf(link.name, link.target) ?? '';
  }
  return undefined;
}

/** Returns the title that a link leads to, or `undefined` when it leads out, or is not written in the one way. */
function placeOf(name: string, target: string): string | undefined {
  const [, up = '', rest] = TARGET.exec(target) ?? [];
  const folder = name.split('/').slice(0, -1);
  const count = up.length / 3;
  if (rest === undefined || count > folder.length) return undefined;
  const parts = rest.split('/');
  if (parts.includes('.') || parts.includes('..')) return undefined;
  return [...folder.slice(0, folder.length - count), ...parts].join('/');
}

function parentsOf(name: string): readonly string[] {
  const parents: string[] = [];
  for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1))
    parents.push(name.slice(0, end));
  return parents;
}

/** Returns a link to a folder from which, link after link, one comes back to it; `ends` has the folder of each such link. */
function circularLink(ends: ReadonlyMap<string, string>): string | undefined {
  const done = new Set<string>();
  for (const start of ends.keys()) {
    const way: { readonly name: string; readonly below: Iterator<string> }[] = [];
    const open = new Set<string>();
    const enter = (name: string): void => {
      open.add(name);
      const folder = ends.get(name) ?? '';
      way.push({ name, below: ends.keys().filter((each) => each.startsWith(`${folder}/`)) });
    };
    if (!done.has(start)) enter(start);
    for (let top = way.at(-1); top !== undefined; top = way.at(-1)) {
      const { value, done: isLast } = top.below.next();
      if (isLast === true) {
        way.pop();
        open.delete(top.name);
        done.add(top.name);
      } else if (open.has(value)) return value;
      else if (!done.has(value)) enter(value);
    }
  }
  return undefined;
}
