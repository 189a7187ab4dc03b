import { execFileSync } from 'node:child_process';
import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Real GnuPG with a keyring of its own. */
export interface Gpg extends Disposable {
  /** Makes a key; returns its fingerprint, 40 lower-case hex digits. */
  makeKey(user: string, algorithm?: string): string;
  /** Adds a subkey that signs. */
  addSigningSubkey(fingerprint: string): void;
  /** Returns the armored public key. */
  exportKey(fingerprint: string): Buffer;
  /** Returns content with its signature, as `gpg --sign` makes it. */
  sign(content: Uint8Array, fingerprint: string, options?: readonly string[]): Buffer;
  /** Runs gpg. */
  run(args: readonly string[], input?: Uint8Array): Buffer;
}

/** Starts GnuPG in a folder of its own, which is removed in the end. The path of a socket must be short. */
export function startGpg(): Gpg {
  const home = mkdtempDisposableSync('/tmp/gpg-');
  const run = (args: readonly string[], input?: Uint8Array): Buffer =>
    execFileSync('gpg', ['--homedir', home.path, '--batch', '--yes', '--no-tty', '--quiet', ...args], {
      input: input ?? Buffer.alloc(0),
      stdio: ['pipe', 'pipe', 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
    });
  const unlocked = ['--pinentry-mode', 'loopback', '--passphrase', ''];
  return {
    run,
    makeKey: (user, algorithm = 'rsa2048') => {
      run([...unlocked, '--quick-generate-key', user, algorithm, 'sign', 'never']);
      const listed = run(['--with-colons', '--list-keys', `=${user}`]).toString();
      return (/^fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1] ?? '').toLowerCase();
    },
    addSigningSubkey: (fingerprint) => {
      run([...unlocked, '--quick-add-key', fingerprint.toUpperCase(), 'rsa2048', 'sign', 'never']);
    },
    exportKey: (fingerprint) => run(['--armor', '--export', fingerprint]),
    sign: (content, fingerprint, options = []) => {
      const file = join(home.path, 'content');
      writeFileSync(file, content);
      return run([
        ...unlocked,
        '--local-user',
        fingerprint.includes('!') ? fingerprint : `${fingerprint}!`,
        ...options,
        '--output',
        '-',
        '--sign',
        file,
      ]);
    },
    [Symbol.dispose]: () => {
      try {
        execFileSync('gpgconf', ['--homedir', home.path, '--kill', 'gpg-agent'], { stdio: 'ignore' });
      } finally {
        home.remove();
      }
    },
  };
}
