/** Returns what the program is called on an operating system. */
export function kubectlName(os: string): string {
  return os === 'windows' ? 'kubectl.exe' : 'kubectl';
}

/** Returns whether a client of one minor version serves a server of another: one below to one above (Kubernetes, "Version Skew Policy"). */
export function servesMinor(client: number, server: number): boolean {
  return Math.abs(client - server) <= 1;
}
