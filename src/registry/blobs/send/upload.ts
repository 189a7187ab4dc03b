import type { Descriptor } from '../../../oci/descriptor.ts';
import type { Fetcher } from '../../../oci/roles.ts';
import type { Ask } from '../../auth/authorizer.ts';
import type { Session } from '../../session/session.ts';
import type { UploadPoint } from '../upload-session.ts';

/** An upload in progress, with everything it needs. */
export interface Upload {
  readonly session: Session;
  readonly ask: Ask;
  readonly expected: Descriptor;
  readonly content: Fetcher;
  /**
   * Whether the digest is checked here too. The registry must check it (distribution specification, "Pushing blobs"). After a
   * refusal, the content is hashed when it is sent again, to tell wrong content here from a bad line.
   */
  readonly isSuspect: boolean;
  /** Whether the last try broke off without an answer, which may have been lost while data was being sent. */
  readonly isWary: boolean;
}

/** How far a try got. */
export interface Progress {
  /** Where to ask how much the registry has. */
  at?: UploadPoint | undefined;
  /** Whether content was being sent: a refusal then concerns the way of sending. */
  isSending?: boolean;
}
