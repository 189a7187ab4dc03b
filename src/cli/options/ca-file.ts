/** Declares the option that names authorities to trust, for every command that uses the network. */
export const CA_FILE_OPTION = [
  '--ca-file',
  'PEM',
  'trust the certificate authorities in this file too, at every host',
] as const;
