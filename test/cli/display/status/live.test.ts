import { describe, expect, it } from 'vitest';
import type { Advance } from '../../../../src/cli/display/status/status.ts';
import { stageInWords } from '../../../../src/cli/display/status/stage.ts';
import { widthOf } from '../../../../src/cli/display/status/width.ts';
import type { NetworkNotice } from '../../../../src/internal/http/watch/notice.ts';
import { screenOf, type ToldStatus, toldStatus } from '../../../support/process/told-status.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

/** Work of every verb, such as it is at its widest; of what is counted, rate and time left are known. */
const ADVANCES: Readonly<Record<string, Advance>> = {
  build: {
    stage: 'fetch',
    count: { unit: 'blob', done: 1041, total: 1530 },
    bytes: 20 * GIB,
    totalBytes: 38 * GIB,
    underWay: [
      {
        name: 'https://例え.example/ダウンロード/工具-包裹-非常に長い名前.tar.gz',
        bytes: 1,
        totalBytes: 2 * GIB,
      },
      { name: 'registry-1.docker.io/rancher/mirrored-coredns-coredns:v1.11.3', bytes: 9, totalBytes: GIB },
      { name: 'https://例え.example/%E5%B7%A5%E5%85%B7.bin' },
      { name: 'one more', bytes: 0, totalBytes: 0 },
    ],
  },
  lock: {
    stage: 'resolve',
    count: { done: 12, total: 40 },
    bytes: 3 * GIB,
    underWay: [{ name: '映像/組:最新' }],
  },
  convert: {
    stage: 'convert',
    count: { unit: 'blob', done: 3, total: 9 },
    bytes: 20 * GIB,
    totalBytes: 38 * GIB,
  },
  verify: { stage: 'verify', bytes: 20 * GIB, totalBytes: 38 * GIB },
  repair: { stage: 'repair', bytes: 20 * GIB, totalBytes: 38 * GIB },
  parity: { stage: 'parity', bytes: 20 * GIB, totalBytes: 38 * GIB },
  kit: {
    stage: 'fetch-kit',
    count: { unit: 'runtime', done: 1, total: 5 },
    bytes: 30 * MIB,
    underWay: [{ name: 'node.exe' }],
  },
  'kit, written': {
    stage: 'write-kit',
    count: { unit: 'file', done: 11, total: 50 },
    bytes: 20 * GIB,
    totalBytes: 38 * GIB,
  },
  install: {
    stage: 'install',
    count: { unit: 'item', done: 1, total: 400 },
    bytes: 20 * GIB,
    totalBytes: 38 * GIB,
  },
};

const NOTICES: Readonly<Record<string, readonly NetworkNotice[]>> = {
  'no wait': [],
  'a stall': [silence('登録所.example:5000', 5)],
  'two stalls and a retry': [
    silence('registry-1.docker.io', 5),
    silence('a-very-long-name-of-a-content-network.region-1.cdn.example:8443', 15),
    { type: 'retry', host: 'quay.io', seconds: 20, reason: 'the server answered 503', try: 2, tries: 6 },
  ],
  'a pause': [{ type: 'pause', host: 'ghcr.io', seconds: 300, isQuota: true }],
};

/** What the line below says. */
const SECOND_LINES: Readonly<Record<string, RegExp>> = {
  'a stall': /^ {2}no bytes .*, try 2 of 6$/,
  'a pause': /^ {2}waiting 5 min 00 .*: no quota is left$/,
};

function silence(host: string, seconds: number): NetworkNotice {
  return { type: 'silence', request: seconds, host, phase: 'body', seconds, try: 2, tries: 6 };
}

/** The work has gone on for ten seconds, with 101.3 MiB a second. */
async function working(advance: Advance, columns: number): Promise<ToldStatus> {
  const told = await toldStatus('live', { columns });
  const { bytes = 0 } = advance;
  for (const left of [10, 6, 2]) {
    told.status.advance({ ...advance, bytes: bytes - left * 101.3 * MIB });
    told.clock.skip(Math.min(4, left));
  }
  told.status.advance(advance);
  return told;
}

describe('the status on a terminal', () => {
  const table = [40, 80, 200].flatMap((columns) =>
    Object.keys(ADVANCES).flatMap((verb) =>
      Object.keys(NOTICES).map((wait) => [columns, verb, wait] as const),
    ),
  );

  it.each(table)(
    'of %i columns never wraps, and cuts neither rate nor time left: %s, %s',
    async (columns, verb, wait) => {
      const advance = ADVANCES[verb] ?? { stage: 'open' };
      using told = await working(advance, columns);
      for (const notice of NOTICES[wait] ?? []) told.status.network(notice);
      told.clock.pass(0.25);
      const screen = screenOf(told.stream.text, columns);
      for (const line of screen) expect(widthOf(line)).toBeLessThan(columns);
      const [first = ''] = screen;
      const isSized = advance.totalBytes !== undefined;
      const done = isSized ? ' ?52 %' : ` ?${advance.count?.done} of ${advance.count?.total}`;
      const left = isSized ? ',? 3 min 07 s left' : '';
      const sizes = columns === 200 && isSized ? ', 20\\.0 GiB of 38\\.0 GiB' : '';
      expect(first).toMatch(new RegExp(`${done}\\D*,? 98\\.8 MiB/s${left}${sizes}`));
      expect(screen[1] ?? '').toMatch(SECOND_LINES[wait] ?? /^/);
    },
  );

  it.each([
    [40, '52 %, 101.3 MiB/s, 3 min 02 s left'],
    [50, 'Fetching 52 %, 101.3 MiB/s, 3 min 02 s left'],
    [80, 'Fetching █████░░░░░ 52 %, 101.3 MiB/s, 3 min 02 s left, 20.0 GiB of 38.0 GiB'],
    [200, 'Fetching █████░░░░░ 52 %, 101.3 MiB/s, 3 min 02 s left, 20.0 GiB of 38.0 GiB, 1041 of 1530 blobs'],
  ])('leaves out on %i columns what has no room, the least important first', async (columns, line) => {
    using told = await working(ADVANCES['build'] ?? { stage: 'fetch' }, columns);
    expect(screenOf(told.stream.text, columns)[0]?.slice(2)).toBe(line);
  });

  it('names what is under way, the largest first, and counts the rest', async () => {
    using told = await working(ADVANCES['build'] ?? { stage: 'fetch' }, 80);
    expect(screenOf(told.stream.text, 80).slice(1)).toEqual([
      expect.stringMatching(
        /^ {2}░{10} {3}0 % of 2\.0 GiB {4}https:\/\/例え\.example\/.*…\S*非常に長い名前\.tar\.gz$/,
      ),
      expect.stringMatching(
        /^ {2}░{10} {3}0 % of 1\.0 GiB {4}registry-1\.docker\.io\/.*…\S*coredns:v1\.11\.3$/,
      ),
      '  https://例え.example/工具.bin',
      '  and 1 more',
    ]);
  });

  it('shows at once that nothing comes any more, without a rate and a time that would be lies', async () => {
    using told = await working(ADVANCES['verify'] ?? { stage: 'verify' }, 100);
    told.clock.pass(7);
    expect(screenOf(told.stream.text, 100)).toEqual([
      expect.stringMatching(/^. Verifying █{5}░{5} 52 %, waiting, 20\.0 GiB of 38\.0 GiB$/),
      '  nothing for 7 s',
    ]);
  });

  it('leaves nothing behind but findings and notes', async () => {
    const told = await toldStatus('live');
    told.clock.pass(1);
    told.status.stage('resolve', 'lab.yaml');
    told.status.finding({ level: 'warning', message: 'mind' });
    told.status.advance(ADVANCES['build'] ?? { stage: 'fetch' });
    told.status.network(silence('quay.io', 5));
    told.status.finding({ level: 'ok', message: 'fine' });
    told.status.note('a line');
    told.clock.pass(3);
    expect(screenOf(told.stream.text, 100)).toHaveLength(8);
    told[Symbol.dispose]();
    expect(screenOf(told.stream.text, 100)).toEqual(['warning: mind', 'a line', '']);
    // The cursor was never hidden, and no colour was used.
    expect(told.stream.text).not.toMatch(/\[(\?25|\d*m)/);
  });

  it('leaves nothing behind on a terminal that has become narrower', async () => {
    const told = await working(ADVANCES['build'] ?? { stage: 'fetch' }, 120);
    const wide = screenOf(told.stream.text, 120);
    expect(wide).toHaveLength(5);
    // The terminal breaks what is there, and the next picture takes the place of all of it.
    const broken = wide.join('\n');
    const before = told.stream.text.length;
    told.stream.columns = 50;
    told.clock.pass(1);
    const shown = screenOf(broken + told.stream.text.slice(before), 50);
    expect(shown).toHaveLength(5);
    for (const line of shown) expect(widthOf(line)).toBeLessThan(50);
    told[Symbol.dispose]();
  });

  it('shows nothing of a command that is over at once', async () => {
    const told = await toldStatus('live');
    told.status.stage('open', 'lab.tar');
    told[Symbol.dispose]();
    expect(told.stream.text).toBe('');
  });

  it('is one line on a terminal that is low', async () => {
    using told = await toldStatus('live');
    told.stream.rows = 5;
    told.clock.pass(1);
    told.status.advance(ADVANCES['build'] ?? { stage: 'fetch' });
    expect(screenOf(told.stream.text, 100)).toHaveLength(1);
  });

  it('says what every stage is in words', () => {
    expect(stageInWords('fetch-kit')).toBe('Fetching the kit');
    expect(stageInWords('plan', 'registry')).toBe('Looking into registry');
  });
});
