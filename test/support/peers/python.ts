import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';

/** Reads an archive and a folder a line, unpacks the one into the other, and answers with a line. */
const PROGRAM = `
import json, shutil, sys, tarfile, zipfile
def unpack(form, archive, folder):
    if form == 'dir':
        shutil.copytree(archive, folder, symlinks=True, dirs_exist_ok=True)
    else:
        with (tarfile.open if form == 'tar' else zipfile.ZipFile)(archive) as it:
            it.extractall(folder)
for line in sys.stdin:
    try:
        unpack(*json.loads(line))
        answer = 'done'
    except Exception as error:
        answer = repr(error)
    print(json.dumps(answer), flush=True)
`;

interface Python {
  readonly process: ChildProcessWithoutNullStreams;
  readonly answers: Interface;
}

let running: Python | undefined;

/**
 * Unpacks with Python's own modules into an empty folder. One process does it for all archives of a test file: its start
 * takes far longer than an archive does. It ends with its input, which is when the tests end.
 *
 * @throws Error with what Python says of an archive that it refuses
 */
export async function unpackByPython(
  program: string,
  form: 'tar' | 'zip' | 'dir',
  ...[archive, folder]: readonly [archive: string, folder: string]
): Promise<void> {
  running ??= start(program);
  const answer = once(running.answers, 'line');
  running.process.stdin.write(`${JSON.stringify([form, archive, folder])}\n`);
  const said: unknown = JSON.parse(String((await answer)[0]));
  if (said !== 'done') throw new Error(`Python cannot unpack "${archive}": ${String(said)}`);
}

function start(program: string): Python {
  const process = spawn(program, ['-I', '-c', PROGRAM]);
  process.unref();
  return { process, answers: createInterface(process.stdout) };
}
