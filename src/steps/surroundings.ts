import { homedir } from 'node:os';
import process from 'node:process';
import type { Registry } from '../oci/roles.ts';
import type { Source } from '../sources/source.ts';
import { type HostEnvironment, hostPlatformOf } from '../targets/host-paths.ts';

/** What a verb finds around it, whoever asks for what. */
export interface Surroundings {
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Home folder of the user. */
  readonly home: string;
  /** This host, as Node.js calls it. */
  readonly host: { readonly platform: string; readonly arch: string };
  /** Opens a registry by host; over the network when left out. @internal */
  readonly openRegistry?: ((host: string) => Registry) | undefined;
  /** The systems that the program is to know, in place of those it has. @internal */
  readonly systems?: { readonly sources?: readonly Source[] | undefined } | undefined;
}

/** Returns the surroundings of this process. */
export function processSurroundings(): Surroundings {
  const { env, platform, arch } = process;
  return { env, home: homeOf(), host: { platform, arch } };
}

/** Whoever runs under a number without a name, as in many containers, has no home that the system knows of. */
function homeOf(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}

/** Returns what of the surroundings decides where programs of this user keep their files. */
export function hostEnvironment({ env, home, host }: Surroundings): HostEnvironment {
  return { os: hostPlatformOf(host.platform, host.arch).os, env, home };
}
