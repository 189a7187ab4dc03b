/** What is known of how a registry takes the content of blobs. */
export interface UploadHabits {
  /** False once it has turned out that it does not take a blob in one request. */
  takesWhole: boolean;
  /** False once it has turned out that it takes blobs in one request only. */
  takesStreams: boolean;
  /** Bytes of content in one request. */
  requestLimit: number;
}
