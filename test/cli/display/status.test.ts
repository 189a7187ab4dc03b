import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createStatus } from '../../../src/cli/display/create-status.ts';
import type { Advance, Status } from '../../../src/cli/display/status.ts';
import { isColoured, styleFor } from '../../../src/cli/display/style.ts';
import { MemoryStream } from '../../support/process/cli.ts';
import { waitUntil } from '../../support/wait-until.ts';

const MIB = 1024 * 1024;

async function statusOn(
  stream: MemoryStream,
  options: {
    readonly live?: boolean;
    readonly verbose?: boolean;
    readonly now?: () => number;
    readonly noColor?: boolean;
  } = {},
): Promise<Status> {
  const env = options.noColor === true ? { NO_COLOR: '1' } : {};
  return await createStatus({
    stream,
    style: styleFor(stream, env),
    coloured: isColoured(stream, env),
    quiet: false,
    verbose: options.verbose ?? false,
    live: options.live ?? false,
    ...(options.now === undefined ? {} : { now: options.now }),
  });
}

function fetching(mebibytes: number, done = 0): Advance {
  return {
    stage: 'Fetching',
    count: { unit: 'blob', done, total: 10 },
    bytes: mebibytes * MIB,
    totalBytes: 100 * MIB,
  };
}

/** Whether the line of the status has come back after a finding. */
function isShownAfter(stream: MemoryStream, finding: string): boolean {
  return stream.text.includes('Fetching', stream.text.indexOf(finding) + 1) && stream.text.includes(finding);
}

describe('the status in a log', () => {
  it('is a line each tenth of the way, with rate and time left', async () => {
    const stream = new MemoryStream();
    let at = 0;
    using status = await statusOn(stream, { now: () => at });
    for (let second = 0; second <= 20; second++) {
      at = second * 1000;
      status.advance(fetching(second * 5, Math.floor(second / 2)));
    }
    const lines = stream.text.trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    expect(lines[0]).toBe('Fetching 1 of 10 blobs, 10.0 MiB of 100.0 MiB (10 %), 5.0 MiB/s, 18 s left');
    expect(lines.at(-1)).toBe('Fetching 10 of 10 blobs, 100.0 MiB of 100.0 MiB (100 %)');
  });

  it('is one line in ten seconds when the way is long, and one a second when it is short', async () => {
    const slow = new MemoryStream();
    let at = 0;
    using crawling = await statusOn(slow, { now: () => at });
    for (let second = 0; second <= 30; second++) {
      at = second * 1000;
      crawling.advance(fetching(second / 10));
    }
    expect(slow.text.trimEnd().split('\n')).toHaveLength(3);
    const fast = new MemoryStream();
    at = 0;
    using rushing = await statusOn(fast, { now: () => at });
    for (let step = 0; step <= 100; step++) {
      at = step * 20;
      rushing.advance(fetching(step));
    }
    expect(fast.text.trimEnd().split('\n')).toHaveLength(2);
  });

  it('does not count bytes that were there before into the rate', async () => {
    const stream = new MemoryStream();
    let at = 0;
    using status = await statusOn(stream, { now: () => at });
    status.advance({ ...fetching(0), movedBytes: 0 });
    at = 10_000;
    status.advance({ ...fetching(60), movedBytes: 10 * MIB });
    expect(stream.text).toContain('60.0 MiB of 100.0 MiB (60 %), 1.0 MiB/s, 40 s left');
  });

  it('starts over with each stage', async () => {
    const stream = new MemoryStream();
    let at = 0;
    using status = await statusOn(stream, { now: () => at });
    status.advance(fetching(99));
    at = 5000;
    status.advance({ stage: 'Verifying', bytes: 0, totalBytes: 10 });
    at = 6000;
    status.advance({ stage: 'Verifying', bytes: 5, totalBytes: 10 });
    expect(stream.text).toBe('Verifying 5 B of 10 B (50 %), 5 B/s, 1 s left\n');
  });

  it('tells findings with their hints, those in order only when asked', async () => {
    const stream = new MemoryStream();
    using status = await statusOn(stream);
    status.finding({ level: 'ok', message: 'fine' });
    status.finding({ level: 'warning', message: 'mind', hint: 'do\u001B[2J' });
    expect(stream.text).toBe('warning: mind\nhint: do\\u001b[2J\n');
    const talkative = new MemoryStream();
    using verbose = await statusOn(talkative, { verbose: true });
    verbose.finding({ level: 'ok', message: 'fine' });
    expect(talkative.text).toBe('ok: fine\n');
  });
});

describe('the status on a terminal', () => {
  it('lives in one line, and leaves nothing behind but findings', async () => {
    const stream = new MemoryStream(true);
    {
      using status = await statusOn(stream, { live: true });
      status.stage('Resolving lab.yaml');
      status.advance(fetching(50, 5));
      await waitUntil(() => stream.text.includes('Fetching 5 of 10'));
      status.finding({ level: 'warning', message: 'mind' });
      await waitUntil(() => isShownAfter(stream, 'mind'));
    }
    const shown = stripVTControlCharacters(stream.text);
    expect(shown).toContain('Fetching 5 of 10 blobs, 50.0 MiB of 100.0 MiB (50 %)');
    expect(shown).toContain('warning: mind\n');
    // The cursor that the spinner hid is back.
    expect(stream.text.lastIndexOf('\u001B[?25h')).toBeGreaterThan(stream.text.lastIndexOf('\u001B[?25l'));
  });

  it('cuts what would wrap', async () => {
    const stream = new MemoryStream(true);
    {
      using status = await statusOn(stream, { live: true });
      status.stage('x'.repeat(500));
      await waitUntil(() => stream.text.includes('…'));
    }
    expect(stream.text).not.toContain('x'.repeat(98));
    expect(stream.text).toContain(`${'x'.repeat(96)}…`);
  });

  it('moves without colour when NO_COLOR is set', async () => {
    const stream = new MemoryStream(true);
    {
      using status = await statusOn(stream, { live: true, noColor: true });
      status.advance(fetching(50));
      status.finding({ level: 'warning', message: 'mind' });
      await waitUntil(() => isShownAfter(stream, 'mind'));
    }
    // oxlint-disable-next-line no-control-regex -- colours are escape sequences
    expect(stream.text).not.toMatch(/\u001B\[[0-9;]*m/);
  });
});
