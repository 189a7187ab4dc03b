import { SaddlebagError } from '../internal/error.ts';
import { isRecord } from '../internal/json.ts';

/** What an image or a program runs on (OCI image-spec, image-index.md, "platform"). */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
  readonly osVersion?: string | undefined;
  /** Required system features, such as `win32k`. */
  readonly osFeatures?: readonly string[] | undefined;
}

const PART = /^[a-z0-9][a-z0-9._-]*$/;

/**
 * Common machine names and the names Go and OCI use for them (containerd, `platforms/database.go`): those of `uname`, Debian,
 * the namespaces of Docker's official images, and Node.
 */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  x64: 'amd64',
  i386: '386',
  i686: '386',
  ia32: '386',
  aarch64: 'arm64',
  arm64v8: 'arm64',
  armhf: 'arm',
  armv7: 'arm/v7',
  armv7l: 'arm/v7',
  arm32v7: 'arm/v7',
  armel: 'arm/v6',
  armv6: 'arm/v6',
  armv6l: 'arm/v6',
  arm32v6: 'arm/v6',
};

/**
 * Returns the platform written as `os/architecture[/variant]`. Other names of a machine are accepted: `x86_64` is `amd64`,
 * `aarch64` is `arm64`.
 *
 * @throws `ERR_PLATFORM_INVALID`
 */
export function parsePlatform(text: string): Platform {
  const [os, architecture, variant, ...rest] = text.toLowerCase().split('/');
  const parts = variant === undefined ? [os, architecture] : [os, architecture, variant];
  if (
    os === undefined ||
    architecture === undefined ||
    rest.length > 0 ||
    !parts.every((part) => PART.test(part ?? ''))
  ) {
    throw new SaddlebagError(
      'ERR_PLATFORM_INVALID',
      `Cannot read platform ${JSON.stringify(text)}: expected OS/ARCHITECTURE[/VARIANT]`,
      {
        hint: 'Write for example "linux/amd64", "linux/arm/v7" or "windows/amd64".',
      },
    );
  }
  const [known = architecture, implied] = (ARCHITECTURES[architecture] ?? architecture).split('/');
  return { os, architecture: known, variant: variant ?? implied };
}

/** Returns `os/architecture[/variant]`. */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = platform;
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** Returns whether `offered` satisfies `wanted`. A variant counts only when requested; arm64 is arm64/v8. */
export function matchesPlatform(wanted: Platform, offered: Platform): boolean {
  if (wanted.os !== offered.os || wanted.architecture !== offered.architecture) return false;
  if (wanted.variant === undefined || wanted.variant === offered.variant) return true;
  return wanted.architecture === 'arm64' && wanted.variant === 'v8' && offered.variant === undefined;
}

/** Returns the platform in a descriptor or an image config, or `undefined` when there is none. */
export function decodePlatform(value: unknown): Platform | undefined {
  if (!isRecord(value)) return undefined;
  const { os, architecture, variant } = value;
  const osVersion = value['os.version'];
  const features = value['os.features'];
  const osFeatures = Array.isArray(features) ? features.filter((each) => typeof each === 'string') : [];
  if (typeof os !== 'string' || typeof architecture !== 'string') return undefined;
  return {
    os,
    architecture,
    variant: typeof variant === 'string' && variant !== '' ? variant : undefined,
    osVersion: typeof osVersion === 'string' ? osVersion : undefined,
    osFeatures: osFeatures.length > 0 ? osFeatures : undefined,
  };
}

/** Returns the platform as OCI JSON. */
export function encodePlatform(platform: Platform): Record<string, unknown> {
  const { os, architecture, variant, osVersion, osFeatures } = platform;
  return {
    architecture,
    os,
    'os.version': osVersion,
    'os.features': osFeatures,
    variant,
  };
}
