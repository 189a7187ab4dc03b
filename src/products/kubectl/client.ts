/** Returns the program's file name on an operating system. */
export function kubectlName(os: string): string {
  return os === 'windows' ? 'kubectl.exe' : 'kubectl';
}

/** Returns whether a client works with a server: minors may differ by one (Kubernetes, "Version Skew Policy"). */
export function servesMinor(client: number, server: number): boolean {
  return Math.abs(client - server) <= 1;
}
