#!/usr/bin/env node
/*
 * The entry point: it checks the version of Node.js and loads the program. Every Node.js since 12 must be able to parse the
 * shipped file, as a module or not, so it uses only old syntax and a single import.
 */

/** The oldest Node.js that the program supports; `engines` in `package.json` begins with it. */
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
  // An odd-numbered release in between lacks an API that the program imports.
  if (error instanceof SyntaxError && error.message.includes("'node:")) tooOld();
  else if (error.code === 'ERR_MODULE_NOT_FOUND')
    end(1, `the files beside "${process.argv[1] ?? ''}" are missing; copy the whole folder`);
  else throw error;
}

function end(status: number, fact: string): void {
  process.stderr.write(`error: Cannot start: ${fact}\n`);
  process.exitCode = status;
}
