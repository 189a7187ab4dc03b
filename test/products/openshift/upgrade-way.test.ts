import { describe, expect, it } from 'vitest';
import { decodeUpdateGraph } from '../../../src/products/openshift/graph/update-graph.ts';
import { upgradeWay } from '../../../src/products/openshift/graph/upgrade-way.ts';

/** Channels with their versions, and which of them each can be upgraded to. */
const CHANNELS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'stable-4.18': { '4.18.1': ['4.18.5'], '4.18.5': ['4.18.9'], '4.18.9': [] },
  'stable-4.19': {
    '4.18.9': ['4.19.2', '4.19.7'],
    '4.19.2': ['4.19.7'],
    '4.19.7': ['4.19.8'],
    '4.19.8': [],
  },
  'eus-4.20': { '4.19.8': ['4.20.1'], '4.20.1': ['4.20.3'], '4.20.3': ['4.20.4'], '4.20.4': [] },
  'stable-4.20': { '4.20.1': ['4.20.4'], '4.20.3': [], '4.20.4': [] },
  'fast-4.18': { '4.18.5': ['4.18.9'], '4.18.9': [] },
  'eus-4.21': { '4.21.0': [] },
  'stable-5.0': { '5.0.0': [] },
};

function graphOf(channel: string): ReturnType<typeof decodeUpdateGraph> {
  const edges = CHANNELS[channel] ?? {};
  const versions = Object.keys(edges);
  const nodes = versions.map((version) => ({ version, payload: `quay.io/a/b@sha256:${'a'.repeat(64)}` }));
  const pairs = versions.flatMap((from, index) =>
    (edges[from] ?? []).map((to) => [index, versions.indexOf(to)]),
  );
  return decodeUpdateGraph(Buffer.from(JSON.stringify({ nodes, edges: pairs })), channel);
}

describe('the way of an upgrade', () => {
  it.each([
    [
      'goes to the newest release of each channel, and on in the next one',
      ['stable-4.18', '4.18.1', 'eus-4.20', '4.20.3'],
      ['4.18.1', '4.18.5', '4.18.9', '4.19.7', '4.19.8', '4.20.1', '4.20.3'],
    ],
    [
      'is the shortest one of a channel',
      ['stable-4.19', '4.18.9', 'stable-4.19', '4.19.8'],
      ['4.18.9', '4.19.7', '4.19.8'],
    ],
    [
      'stays in the second of two channels of a version',
      ['fast-4.18', '4.18.5', 'stable-4.18', '4.18.9'],
      ['4.18.5', '4.18.9'],
    ],
    [
      'ends where the next channel does not have the release',
      ['stable-4.18', '4.18.5', 'stable-4.20', '4.20.4'],
      ['4.18.5', '4.18.9', '4.19.7', '4.19.8'],
    ],
    [
      'ends before a channel of a later version that is not there',
      ['stable-4.18', '4.18.9', 'eus-4.21', '4.21.0'],
      ['4.18.9', '4.19.7', '4.19.8'],
    ],
    [
      'ends in its channel when it would lead back',
      ['stable-4.19', '4.19.7', 'stable-4.18', '4.18.1'],
      ['4.19.7', '4.19.8'],
    ],
    [
      'ends in its channel before another major version',
      ['stable-4.19', '4.19.7', 'stable-5.0', '5.0.0'],
      ['4.19.7', '4.19.8'],
    ],
    ['is nothing where nothing leads on', ['stable-4.20', '4.20.1', 'stable-4.20', '4.20.3'], []],
  ] as const)('%s', async (_, [channel, version, last, to], expected) => {
    const way = await upgradeWay(
      { start: { channel, version }, end: { channel: last, version: to } },
      async (name) => graphOf(name),
    );
    expect(way.map((node) => node.version)).toEqual(expected);
  });
});
