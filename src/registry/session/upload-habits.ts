/** What is known of how a registry accepts blobs. */
export interface UploadHabits {
  /** False once the registry has refused a blob in one request. */
  takesWhole: boolean;
  /** False once it has turned out that blobs must go in one request. */
  takesStreams: boolean;
  /** Bytes of content per request. */
  requestLimit: number;
}
