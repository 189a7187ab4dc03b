import type { PodPlace } from '../../../products/kubernetes/scope.ts';
import type { Verdict } from '../../../products/kubernetes/judge.ts';

/** Where an image is named, for people and for scripts. */
export interface NamedPlace {
  readonly file: string;
  /** From 1; left out when the file has no lines, or the name is put together of several places. */
  readonly line?: number | undefined;
  /** Path in the document, `spec.containers[0].image`; in a chart, the file. */
  readonly path?: string | undefined;
  /** `Deployment shop/web` */
  readonly object?: string | undefined;
}

/** An image that a file names, or a text that looks like one. */
export interface Mention extends Verdict {
  readonly type: 'image';
  readonly place?: PodPlace | undefined;
  /** Whether the registry setting of K3s, RKE2 or Rancher goes in front of it. */
  readonly isPackaged?: boolean | undefined;
  /** Whether only Windows nodes pull it. */
  readonly isWindowsOnly?: boolean | undefined;
  /** Looking for the line takes time, and one image may be named by every pod. */
  readonly at: () => NamedPlace;
}

/** What a file says that is of use for finding out what a cluster will ask for. */
export type Reading =
  | Mention
  /** A node of the cluster, and what it runs on. */
  | { readonly type: 'node'; readonly name: string; readonly os: string; readonly architecture: string }
  /** A registry that packaged images are pulled from instead of their own. */
  | { readonly type: 'registry'; readonly host: string }
  /** Something that the file leaves to another one. */
  | { readonly type: 'remark'; readonly message: string; readonly hint?: string | undefined };
