import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { SaddlebagError, systemCode } from '../../internal/error.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import { isRecord } from '../../internal/json.ts';
import { canonicalHost } from '../settings/settings.ts';
import type { Credential } from './credential.ts';
import { helperWords } from './helper-words.ts';

export interface CredentialHelperOptions {
  /** `desktop` for the program `docker-credential-desktop`. */
  readonly name: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

/** Docker Hub's key in every helper. */
const DOCKER_HUB_SERVER = 'https://index.docker.io/v1/';
/** User name that marks the secret as an identity token. */
const TOKEN_USER = '<token>';
const OUTPUT_LIMIT = 1024 * 1024;
const TIME_LIMIT_MS = 30_000;

/** A credential helper that cannot be asked: not the end of the work, because many images are public. */
export class HelperError extends SaddlebagError {}

/**
 * Returns a credential helper's answer for a host (docker/docker-credential-helpers, "Development"): its `get` reads the server
 * from stdin and writes JSON, or why it cannot and a status.
 *
 * @throws {@link HelperError} `ERR_CREDENTIALS_INVALID` when the program cannot be run or answers otherwise; `ERR_INTERRUPTED`
 */
export async function askCredentialHelper(
  host: string,
  options: CredentialHelperOptions,
): Promise<Credential | undefined> {
  const program = `docker-credential-${options.name}`;
  // The name comes from a file and becomes part of a program name.
  if (!/^[A-Za-z0-9._-]+$/.test(options.name)) throw invalid(program, 'its name is not that of a program');
  const server = canonicalHost(host) === 'docker.io' ? DOCKER_HUB_SERVER : host;
  const { status, output, complaint } = await run(program, server, options);
  if (status !== 0) {
    if (/credentials not found/i.test(output)) return undefined;
    const words = helperWords(output) ?? helperWords(complaint);
    const said = words === undefined ? '' : ` and says "${words}"`;
    throw invalid(program, `it ended with status ${status ?? 'unknown'}${said}`);
  }
  return decode(output, program);
}

async function run(
  program: string,
  server: string,
  { env, signal }: CredentialHelperOptions,
): Promise<{ status: number | null; output: string; complaint: string }> {
  throwIfInterrupted(signal);
  const limit = AbortSignal.timeout(TIME_LIMIT_MS);
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  const child = spawn(program, ['get'], {
    env: { ...env },
    stdio: 'pipe',
    windowsHide: true,
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  });
  const output = collect(child.stdout);
  const complaint = collect(child.stderr);
  child.once('error', reject);
  child.once('close', resolve);
  // A helper may exit without reading its input: the exit status decides, not the closed pipe.
  child.stdin.on('error', () => undefined);
  child.stdin.end(server);
  try {
    const status = await promise;
    return { status, output: output(), complaint: complaint() };
  } catch (cause) {
    throwIfInterrupted(signal);
    if (limit.aborted) throw invalid(program, 'it did not answer in time', cause);
    const isMissing = systemCode(cause) === 'ENOENT';
    throw invalid(program, isMissing ? 'there is no such program on the PATH' : 'it cannot be run', cause);
  }
}

/** Returns a function that returns what a stream has sent so far. */
function collect(stream: Readable): () => string {
  const chunks: Uint8Array[] = [];
  let length = 0;
  stream.on('data', (chunk: Uint8Array) => {
    length += chunk.length;
    if (length <= OUTPUT_LIMIT) chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString();
}

function decode(output: string, program: string): Credential | undefined {
  let reply: unknown;
  try {
    reply = JSON.parse(output);
  } catch {
    // The parser quotes what it could not read, which here is a secret, so its error is not passed on.
    throw invalid(program, 'its answer is not JSON');
  }
  const { Username: username, Secret: secret } = isRecord(reply) ? reply : {};
  if (typeof username !== 'string' || typeof secret !== 'string')
    throw invalid(program, 'its answer has no user name and secret');
  if (username === '' && secret === '') return undefined;
  return username === TOKEN_USER
    ? { type: 'identity-token', token: secret }
    : { type: 'password', username, password: secret };
}

function invalid(program: string, fact: string, cause?: unknown): HelperError {
  return new HelperError('ERR_CREDENTIALS_INVALID', `Cannot ask credential helper "${program}": ${fact}`, {
    cause,
    hint: "It is named by credsStore or credHelpers in Docker's config.json or auth.json: install it, or remove the entry.",
  });
}
