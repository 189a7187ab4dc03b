/**
 * The first file of the program in a kit: it checks the others against `SHA256SUMS` before any of them is loaded, and so it
 * imports nothing of ours. On Windows it checks the runtime too, once; elsewhere the launcher did.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const PROGRAM = import.meta.dirname;
const KIT_FOLDER = join(PROGRAM, '..', '..');
const SUMS = join(KIT_FOLDER, 'SHA256SUMS');
const DAMAGED = 3;

const fault = await findFault();
if (fault === undefined) {
  process.env['SADDLEBAG_KIT'] = KIT_FOLDER;
  await import(pathToFileURL(join(PROGRAM, 'main.js')).href);
} else {
  process.stderr.write(`error: Cannot start: ${fault}: copy the kit again\n`);
  process.exitCode = DAMAGED;
}

async function findFault(): Promise<string | undefined> {
  let text: string;
  try {
    text = readFileSync(SUMS, 'utf8');
  } catch {
    return `"${SUMS}" cannot be read`;
  }
  const sums = text.split('\n').map((line) => ({ hex: line.slice(0, 64), path: line.slice(66) }));
  const program = sums.filter(({ path }) => path.startsWith('kit/program/'));
  if (program.length === 0) return `"${SUMS}" is not that of a kit`;
  for (const { hex, path } of program) {
    const file = join(KIT_FOLDER, path);
    if ((await digestOf(file)) !== hex) return `"${file}" is damaged`;
  }
  if (process.platform !== 'win32') return undefined;
  const runtime = sums.find(({ path }) => path === 'kit/node/win-x64/node.exe');
  return runtime === undefined ? undefined : await runtimeFault(runtime.hex);
}

/** Hashing the runtime takes a second from a slow stick, so it is done once, and again when the file changed. */
async function runtimeFault(hex: string): Promise<string | undefined> {
  const { size, mtimeMs } = statSync(process.execPath);
  const state = createHash('sha256').update(`${process.execPath} ${size} ${mtimeMs} ${hex}`).digest('hex');
  const local = process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
  const folder = join(local, 'saddlebag', 'kit');
  const mark = join(folder, `checked-${state}`);
  if (existsSync(mark)) return undefined;
  if ((await digestOf(process.execPath)) !== hex) return `"${process.execPath}" is damaged`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(mark, '');
  } catch {
    // It is checked again next time.
  }
  return undefined;
}

async function digestOf(file: string): Promise<string | undefined> {
  try {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file)) hash.update(chunk);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}
