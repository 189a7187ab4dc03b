import { describe, expect, it } from 'vitest';
import { deltaOf } from '../../../src/bundle/plan/delta.ts';
import { requiredBlobs } from '../../../src/bundle/format/document.ts';
import {
  decodeMissingList,
  encodeMissingList,
  type MissingList,
} from '../../../src/bundle/plan/missing-list.ts';
import { patchPlan } from '../../../src/bundle/plan/patch.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { counterpartOf, NEWER, OLDER } from '../../support/samples/delta-samples.ts';
import { failureOf, problemsIn } from '../../support/failure.ts';
import { sampleBundle } from '../../support/samples/sample-bundle.ts';

const { plan } = sampleBundle(NEWER);
const [blob = { digest: digestOf(''), size: 0 }, other = blob] = plan.document.blobs.slice(-2);
const LIST: MissingList = { root: plan.root, name: 'lab', files: [], blobs: [blob] };

describe('the plan of a patch', () => {
  it('has the blobs of the list and nothing else, and says which bundle it is for', () => {
    const patch = patchPlan(plan, LIST, { root: plan.root });
    expect(patch.document).toMatchObject({ name: 'lab', patchOf: plan.root, items: [] });
    expect([...patch.document.blobs]).toEqual([blob]);
    expect(patch.document.requires).toBeUndefined();
    expect(patch.root).not.toBe(plan.root);
  });

  it('has its blobs in archive order, whatever order the list has', () => {
    const patch = patchPlan(plan, { ...LIST, blobs: [other, blob] }, { root: plan.root });
    expect([...patch.document.blobs]).toEqual([blob, other]);
  });

  it('may be for a head alone, and then vouches for the root', () => {
    const patch = patchPlan(plan, { ...LIST, files: ['index.json'], blobs: [] }, { root: plan.root });
    expect(patch.document).toMatchObject({ patchOf: plan.root });
    expect([...patch.document.blobs]).toEqual([]);
  });

  it('can be of a delta, with blobs that the delta only requires', () => {
    const delta = deltaOf(plan, [counterpartOf(sampleBundle(OLDER).plan)]);
    const required = requiredBlobs(delta.document);
    const list = { ...LIST, root: delta.root, blobs: required };
    expect(patchPlan(plan, list, { root: delta.root }).document.blobs).toHaveLength(required.length);
  });

  it('is refused for a list that names nothing', async () => {
    const failure = await failureOf(() => patchPlan(plan, { ...LIST, blobs: [] }, { root: plan.root }));
    expect(failure).toMatchObject({
      code: 'ERR_PATCH_INVALID',
      message: expect.stringContaining('nothing is missing'),
    });
  });

  it('is refused, with each blob named, when the spec does not lead to them any more', async () => {
    const stranger = { digest: digestOf('stranger'), size: 8 };
    const resized = { ...other, size: other.size + 1 };
    const list = { ...LIST, root: digestOf('old'), blobs: [blob, stranger, resized] };
    const failure = await failureOf(() => patchPlan(plan, list, { root: plan.root }));
    expect(failure).toMatchObject({ code: 'ERR_PATCH_INVALID', hint: expect.stringContaining('--locked') });
    expect(problemsIn(failure)).toEqual([
      `Cannot find blob "${stranger.digest}": nothing in the spec leads to it`,
      `Cannot find blob "${other.digest}": nothing in the spec leads to it`,
    ]);
  });

  it('is refused for the head of a bundle that the spec does not give', async () => {
    const list = { ...LIST, root: digestOf('old'), files: ['SHA256SUMS'] };
    const failure = await failureOf(() => patchPlan(plan, list, { root: plan.root }));
    expect(failure.message).toBe(
      `Cannot build a patch of "lab": it has root ${digestOf('old')}, and the spec gives ${plan.root} now`,
    );
  });
});

describe('a list of what is missing', () => {
  it('survives encoding and decoding', () => {
    const list = { ...LIST, files: ['index.json'], blobs: [blob, other] };
    expect(decodeMissingList(encodeMissingList(list), 'm.json')).toEqual(list);
  });

  const good: unknown = JSON.parse(Buffer.from(encodeMissingList(LIST)).toString());
  it.each([
    ['no JSON', 'x', 'it is not JSON'],
    ['no object', '[]', 'it is not an object'],
    ['another document', '{"mediaType": "a/b"}', 'it is not a list of what is missing'],
    ['a newer major version', JSON.stringify({ ...spread(good), version: '2.0' }), 'its version is not 1.x'],
    ['no root', JSON.stringify({ ...spread(good), root: 'sha256:AB' }), '"root" or "name" is missing'],
    [
      'blobs that are none',
      JSON.stringify({ ...spread(good), blobs: 1 }),
      '"files" or "blobs" is not a list',
    ],
    [
      'a blob without a size',
      JSON.stringify({ ...spread(good), blobs: [{ digest: blob.digest }] }),
      'one of "blobs"',
    ],
    [
      'a negative size',
      JSON.stringify({ ...spread(good), blobs: [{ ...blob, size: -1 }] }),
      'one of "blobs"',
    ],
    ['a file that is a number', JSON.stringify({ ...spread(good), files: [1] }), 'one of "files"'],
  ])('is refused with %s', async (_, text, fact) => {
    const failure = await failureOf(() => decodeMissingList(Buffer.from(text), 'm.json'));
    expect(failure).toMatchObject({ code: 'ERR_PATCH_INVALID', message: expect.stringContaining(fact) });
    expect(failure.message).toContain('"m.json"');
  });
});

function spread(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
