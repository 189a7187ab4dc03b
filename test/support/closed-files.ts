import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll } from 'vitest';

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

// Node.js fails when the collector finds an open `FileHandle`. Whether it runs while the tests of a file do is chance:
// here it does after each of them, so what is left open fails every time.
afterAll(async () => {
  if (typeof collect !== 'function') throw new TypeError('the garbage collector cannot be called');
  collect();
  await setImmediate();
});
