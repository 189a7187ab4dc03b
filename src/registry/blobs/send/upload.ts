import type { Descriptor } from '../../../oci/descriptor.ts';
import type { Fetcher } from '../../../oci/roles.ts';
import type { Ask } from '../../auth/authorizer.ts';
import type { Session } from '../../session/session.ts';
import type { UploadPoint } from '../upload-session.ts';

/** A blob that is on its way, with all that it takes. */
export interface Upload {
  readonly session: Session;
  readonly ask: Ask;
  readonly expected: Descriptor;
  readonly content: Fetcher;
  /**
   * Whether the digest is checked here as well. The registry must check it (distribution specification, "Pushing blobs");
   * what it refused is hashed when it is sent again, so that content that is wrong here is told from a line that is bad.
   */
  readonly isSuspect: boolean;
  /** Whether the last try broke off without an answer, which may have been said before there was time to hear it. */
  readonly isWary: boolean;
}

/** How far a try came. */
export interface Progress {
  /** Where it can be asked how much is there. */
  at?: UploadPoint | undefined;
  /** Whether content was being sent: a refusal is then about how. */
  isSending?: boolean;
}
