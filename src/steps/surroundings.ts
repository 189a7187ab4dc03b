import { homedir } from 'node:os';
import process from 'node:process';
import type { Clock } from '../internal/http/watch/clock.ts';
import type { Registry } from '../oci/roles.ts';
import type { Source } from '../sources/source.ts';
import { type HostEnvironment, hostPlatformOf } from '../targets/host-paths.ts';

/** The environment that verbs run in. */
export interface Surroundings {
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Home folder of the user. */
  readonly home: string;
  /** This host's platform, in Node.js terms. */
  readonly host: { readonly platform: string; readonly arch: string };
  /** Folder of the built program, which a kit takes; where this one is when left out. @internal */
  readonly program?: string | undefined;
  /** Opens a registry by host; over the network when left out. @internal */
  readonly openRegistry?: ((host: string) => Registry) | undefined;
  /** By which silences are measured, and progress is shown; the system's when left out. @internal */
  readonly clock?: Clock | undefined;
  /** Replaces the systems that the program knows. @internal */
  readonly systems?: { readonly sources?: readonly Source[] | undefined } | undefined;
}

/** Returns the surroundings of this process. */
export function processSurroundings(): Surroundings {
  const { env, platform, arch } = process;
  return { env, home: homeOf(), host: { platform, arch } };
}

/** A user id without a name, as in many containers, has no home folder that the system knows. */
function homeOf(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}

/** Returns what decides where this user's programs keep their files. */
export function hostEnvironment({ env, home, host }: Surroundings): HostEnvironment {
  return { os: hostPlatformOf(host.platform, host.arch).os, env, home };
}
