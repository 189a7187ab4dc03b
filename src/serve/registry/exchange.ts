import type { Library } from '../holdings/library.ts';
import type { ServedRepository } from '../holdings/names.ts';
import type { Exchange } from '../http/exchange.ts';
/** What a request for something of a repository is answered with. */
export interface RepositoryExchange extends Exchange {
  readonly library: Library;
  readonly repository: ServedRepository;
  /** The name of the repository as it was asked for. */
  readonly name: string;
  /** What comes last in the path: a tag or a digest. */
  readonly reference: string;
}
