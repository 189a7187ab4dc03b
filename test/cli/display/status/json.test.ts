import { describe, expect, it } from 'vitest';
import { SaddlebagError } from '../../../../src/internal/error.ts';
import { ProblemsError } from '../../../../src/internal/problems.ts';
import { type ToldStatus, toldStatus } from '../../../support/process/told-status.ts';

const MIB = 1024 * 1024;

function eventsOf({ lines }: ToldStatus): readonly unknown[] {
  return lines().map((line): unknown => JSON.parse(line));
}

describe('the status for programs', () => {
  it('is one JSON document a line, with a version and the time since the beginning', async () => {
    using told = await toldStatus('json');
    told.status.stage('resolve', 'lab.yaml');
    told.clock.pass(1.5);
    told.status.finding({ level: 'warning', message: 'mind', hint: 'do', about: 'x' });
    told.voiced.next([{ text: 'carry it', command: 'bundle verify lab.tar', paths: ['lab.tar'] }]);
    told.voiced.error(
      new ProblemsError('ERR_SPEC_INVALID', 'Cannot read: 1 problem', {
        hint: 'h',
        problems: [new SaddlebagError('ERR_LIST_INVALID', 'Cannot d: e')],
      }),
    );
    told.voiced.end(2);
    expect(eventsOf(told)).toEqual([
      { version: 1, at: 0, event: 'stage', stage: 'resolve', subject: 'lab.yaml' },
      { version: 1, at: 1.5, event: 'finding', level: 'warning', message: 'mind', hint: 'do', about: 'x' },
      {
        version: 1,
        at: 1.5,
        event: 'next',
        steps: [{ text: 'carry it', command: 'bundle verify lab.tar', paths: ['lab.tar'] }],
      },
      {
        version: 1,
        at: 1.5,
        event: 'error',
        code: 'ERR_SPEC_INVALID',
        message: 'Cannot read: 1 problem',
        hint: 'h',
        problems: [{ code: 'ERR_LIST_INVALID', message: 'Cannot d: e' }],
      },
      { version: 1, at: 1.5, event: 'end', exitStatus: 2 },
    ]);
  });

  it('tells progress at most once a second, the end of a stage always, and every ten seconds whatever happens', async () => {
    using told = await toldStatus('json');
    for (let step = 0; step <= 40; step++) {
      told.status.advance({
        stage: 'fetch',
        count: { unit: 'blob', done: step, total: 40 },
        bytes: step * MIB,
        totalBytes: 40 * MIB,
        underWay: step < 40 ? [{ name: 'x', bytes: step, totalBytes: 40 }] : [],
      });
      if (step < 40) told.clock.pass(0.1);
    }
    const events = eventsOf(told);
    expect(events).toHaveLength(6);
    expect(events[1]).toEqual({
      version: 1,
      at: 1,
      event: 'progress',
      stage: 'fetch',
      unit: 'blob',
      done: 9,
      total: 40,
      bytes: 9 * MIB,
      totalBytes: 40 * MIB,
      bytesPerSecond: 9 * MIB,
      secondsLeft: 4,
      underWay: [{ name: 'x', bytes: 9, totalBytes: 40 }],
    });
    expect(events.at(-1)).toMatchObject({ at: 4, done: 40, underWay: [] });
    told.clock.pass(30);
    expect(eventsOf(told)).toHaveLength(9);
  });

  it('tells what the network does as it is', async () => {
    using told = await toldStatus('json');
    told.status.network({
      type: 'silence',
      request: 7,
      host: 'h',
      phase: 'body',
      seconds: 5,
      try: 1,
      tries: 6,
    });
    told.status.network({ type: 'silence-end', request: 7, host: 'h' });
    expect(eventsOf(told)).toEqual([
      {
        version: 1,
        at: 0,
        event: 'network',
        type: 'silence',
        request: 7,
        host: 'h',
        phase: 'body',
        seconds: 5,
        try: 1,
        tries: 6,
      },
      { version: 1, at: 0, event: 'network', type: 'silence-end', request: 7, host: 'h' },
    ]);
  });

  it('lets no control character and no other end of a line through, and keeps what it says', async () => {
    using told = await toldStatus('json');
    const wild = 'a\u001B[2J\n\u009B1m\u2028\u202E"\\';
    told.status.stage('resolve', wild);
    told.status.note(wild);
    expect(told.stream.text).not.toMatch(/[^\n\P{Cc}]|[\u2028\u202E]/u);
    expect(told.lines()).toHaveLength(2);
    expect(eventsOf(told)[1]).toMatchObject({ event: 'note', text: wild });
  });

  it('keeps findings, errors and the end with --quiet', async () => {
    using told = await toldStatus('json', { quiet: true });
    told.status.stage('resolve', 'x');
    told.status.advance({ stage: 'verify', bytes: 0, totalBytes: 1 });
    told.status.network({ type: 'pause', host: 'h', seconds: 5, isQuota: false });
    told.status.note('x');
    told.voiced.next([{ text: 'x' }]);
    told.clock.pass(60);
    told.status.finding({ level: 'warning', message: 'mind' });
    told.voiced.end(0);
    expect(eventsOf(told)).toMatchObject([{ event: 'finding' }, { event: 'end' }]);
  });
});
