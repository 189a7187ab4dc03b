#!/usr/bin/env node
/*
 * The door: it says in one sentence that Node.js is too old, and opens. What ships of it is read by every Node.js since 12, as
 * a module or not, so there is nothing in it but old syntax and one import.
 */

/** The oldest Node.js that the program runs on; `engines` of the package begins with it. */
const NEEDED = '22.22.2';

if (isOlder(process.versions.node, NEEDED)) tooOld();
else import('./program.ts').then(({ main }) => main(), failed);

function isOlder(version: string, other: string): boolean {
  const [left, right] = [version, other].map((text) => text.split('.').map(Number));
  for (const part of [0, 1, 2]) {
    const difference = (left?.[part] ?? 0) - (right?.[part] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function tooOld(): void {
  const { versions, execPath } = process;
  end(2, `Node.js ${NEEDED} or newer is needed, and "${execPath}" is ${versions.node}`);
}

function failed(error: Error & { readonly code?: unknown }): void {
  // An odd release in between, which lacks what is imported from it.
  if (error instanceof SyntaxError && error.message.includes("'node:")) tooOld();
  else if (error.code === 'ERR_MODULE_NOT_FOUND')
    end(1, `the files beside "${process.argv[1] ?? ''}" are missing; copy the whole folder`);
  else throw error;
}

function end(status: number, fact: string): void {
  process.stderr.write(`error: Cannot start: ${fact}\n`);
  process.exitCode = status;
}
