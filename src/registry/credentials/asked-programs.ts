import type { Finding } from '../../internal/finding.ts';
import { SingleFlight } from '../session/single-flight.ts';
import type { Credential } from './credential.ts';
import { askCredentialHelper, HelperError } from './credential-helper.ts';

interface AskedProgramsOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onFinding?: ((finding: Finding) => void) | undefined;
}

/** The credential helpers of one run. Each is asked once for a host; one that fails is reported once and passed over. */
export class AskedPrograms {
  readonly #options: AskedProgramsOptions;
  readonly #answers = new Map<string, Credential | undefined>();
  readonly #flights = new SingleFlight<Credential | undefined>();
  /** By host. */
  readonly #faults = new Map<string, HelperError>();
  readonly #reported = new Set<string>();

  constructor(options: AskedProgramsOptions) {
    this.#options = options;
  }

  /** Returns the credential that a helper has for a host; `undefined` also when the helper fails. */
  async ask(name: string, host: string, signal: AbortSignal | undefined): Promise<Credential | undefined> {
    const key = `${name} ${host}`;
    if (this.#answers.has(key)) return this.#answers.get(key);
    const answer = await this.#flights.run(key, () => this.#try(name, host, signal), signal);
    this.#answers.set(key, answer);
    return answer;
  }

  /** Returns why the helper for a host could not be asked, if it was tried in vain. */
  faultOf(host: string): HelperError | undefined {
    return this.#faults.get(host);
  }

  async #try(name: string, host: string, signal: AbortSignal | undefined): Promise<Credential | undefined> {
    try {
      return await askCredentialHelper(host, { name, env: this.#options.env, signal });
    } catch (error) {
      if (!(error instanceof HelperError)) throw error;
      this.#faults.set(host, error);
      if (!this.#reported.has(name))
        this.#options.onFinding?.({
          level: 'warning',
          message: `${error.message}; continuing without its credentials`,
          hint: error.hint,
        });
      this.#reported.add(name);
      return undefined;
    }
  }
}
