import { describe, expect, it } from 'vitest';
import { startUpstream } from './upstream.ts';

const TOOL = '/files/tool.tar.gz';

describe('startUpstream', () => {
  it('gives the rest of a file when it is asked for', async () => {
    await using upstream = await startUpstream();
    const response = await fetch(`${upstream.url}${TOOL}`, { headers: { range: 'bytes=7-' } });
    expect([response.status, response.headers.get('content-range'), await response.text()]).toEqual([
      206,
      'bytes 7-14/15',
      ' packed\n',
    ]);
  });

  it('answers HEAD with the length and no content', async () => {
    await using upstream = await startUpstream();
    const response = await fetch(`${upstream.url}${TOOL}`, { method: 'HEAD' });
    expect([response.headers.get('content-length'), await response.text()]).toEqual(['15', '']);
  });

  it('plays each fault as often as it is told, the earlier first', async () => {
    await using upstream = await startUpstream();
    upstream.faults.add({ path: TOOL, times: 1, answer: { status: 500, body: 'oops' } });
    upstream.faults.add({ path: /tool/, method: 'GET', times: 1, answer: 'wrong-bytes' });
    const answers = [];
    for (let time = 0; time < 3; time++) answers.push(await (await fetch(`${upstream.url}${TOOL}`)).text());
    expect(answers).toEqual(['oops', expect.not.stringMatching(/^a tool, packed\n$/), 'a tool, packed\n']);
    expect(answers[1]).toHaveLength(15);
  });

  it('breaks off in the middle', async () => {
    await using upstream = await startUpstream();
    upstream.faults.add({ path: TOOL, answer: 'early-close' });
    await expect(fetch(`${upstream.url}${TOOL}`).then((response) => response.text())).rejects.toThrow(
      /terminated/,
    );
  });

  it('has the same content in every run, and other content for other names', async () => {
    await using one = await startUpstream();
    await using two = await startUpstream();
    const path = (tag: string): string => `/k3s-io/k3s/releases/download/${tag}/k3s`;
    expect(one.content(path('v1.30.6+k3s1'))).toEqual(two.content(path('v1.30.6+k3s1')));
    expect(one.content(path('v1.30.6+k3s1'))).not.toEqual(one.content(path('v1.30.4+k3s1')));
  });

  it('is gone when it is disposed of, even in the middle of an answer', async () => {
    const upstream = await startUpstream();
    upstream.faults.add({ path: TOOL, answer: 'stall' });
    const stalled = await fetch(`${upstream.url}${TOOL}`);
    await upstream[Symbol.asyncDispose]();
    await expect(stalled.text()).rejects.toThrow(/terminated/);
    await expect(fetch(`${upstream.url}${TOOL}`)).rejects.toThrow(/fetch failed/);
  });
});
