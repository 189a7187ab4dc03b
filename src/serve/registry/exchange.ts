import type { Library } from '../holdings/library.ts';
import type { ServedRepository } from '../holdings/names.ts';
import type { Exchange } from '../http/exchange.ts';
/** A request within a repository. */
export interface RepositoryExchange extends Exchange {
  readonly library: Library;
  readonly repository: ServedRepository;
  /** The repository name as the client sent it. */
  readonly name: string;
  /** The last path segment: a tag or a digest. */
  readonly reference: string;
}
