import { describe, expect, it } from 'vitest';
import { type Files, filesOf, HELLO, IMAGE, INDEX, NEWER_IMAGE } from '../../../scripts/examples/content.ts';
import { textOf, withHeadFile } from '../../../scripts/examples/forge.ts';
import { memoryArchive } from '../../../src/archive/memory.ts';
import { checkBundle } from '../../../src/bundle/check/check.ts';
import { readBundle } from '../../../src/bundle/open.ts';

interface Entry {
  readonly Config: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}

const FILES = filesOf([HELLO, IMAGE, NEWER_IMAGE, INDEX]);
const LIST: readonly Entry[] = JSON.parse(textOf(FILES, 'manifest.json'));
const [FIRST = unlisted(), SECOND = unlisted()] = LIST;

function unlisted(): never {
  throw new Error('expected an image in manifest.json');
}

async function said(list: unknown, files: Files = FILES): Promise<readonly string[]> {
  const changed = withHeadFile(files, 'manifest.json', `${JSON.stringify(list)}\n`);
  await using bundle = await readBundle(memoryArchive(changed), { path: 'lab' });
  return (await checkBundle(bundle)).map(({ message }) => message);
}

const changed = (change: object): unknown => [{ ...FIRST, ...change }];

describe('manifest.json', () => {
  it.each<[string, unknown]>([
    ['as it is written', LIST],
    ['with fewer images', LIST.slice(1)],
    ['with none', []],
    ['in another order', LIST.toReversed()],
    ['with an image without a name', changed({ RepoTags: null })],
    ['with an image with no names', changed({ RepoTags: [] })],
    ['with an image twice, and its name once', [...LIST, { ...FIRST, RepoTags: null }]],
  ])('%s is accepted', async (_, list) => {
    expect(await said(list)).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    [
      'layers the other way round',
      changed({ Layers: FIRST.Layers.toReversed() }),
      'content that belongs to no image',
    ],
    ['a layer left out', changed({ Layers: FIRST.Layers.slice(1) }), 'content that belongs to no image'],
    ['no layers', changed({ Layers: [] }), 'content that belongs to no image'],
    [
      'a layer twice',
      changed({ Layers: [...FIRST.Layers, ...FIRST.Layers.slice(1)] }),
      'content that belongs to no image',
    ],
    ['a layer of another image', changed({ Layers: SECOND.Layers }), 'content that belongs to no image'],
    ['the config of another image', changed({ Config: SECOND.Config }), 'content that belongs to no image'],
    ['a layer for a config', changed({ Config: FIRST.Layers[0] }), 'content that belongs to no image'],
    ['a config for a layer', changed({ Layers: [FIRST.Config] }), 'content that belongs to no image'],
    ['a path of the host', changed({ Config: '../../etc/passwd' }), 'content that belongs to no image'],
    [
      'a path that only ends well',
      changed({ Config: `x/${FIRST.Config}` }),
      'content that belongs to no image',
    ],
    ['the name of another image', changed({ RepoTags: SECOND.RepoTags }), 'to another image'],
    ['a name of no image', changed({ RepoTags: ['docker.io/library/evil:1'] }), 'to another image'],
    ['a short name', changed({ RepoTags: ['hello:1.0'] }), 'to another image'],
    ['a name twice in one entry', changed({ RepoTags: [FIRST.RepoTags, FIRST.RepoTags].flat() }), 'twice'],
    ['a name twice', [FIRST, FIRST], 'twice'],
    ['no word about names', [{ Config: FIRST.Config, Layers: FIRST.Layers }], 'not as docker save writes it'],
    ['a name that is no text', changed({ RepoTags: [1] }), 'not as docker save writes it'],
    ['another member', changed({ Parent: '' }), 'not as docker save writes it'],
    ['sources of layers', changed({ LayerSources: {} }), 'not as docker save writes it'],
    ['text in place of a list', changed({ Layers: FIRST.Layers.join() }), 'not as docker save writes it'],
    ['something that is no entry', [null], 'not as docker save writes it'],
    ['an object', { images: LIST }, 'not a list'],
  ])('with %s is refused [B-INDEX-4]', async (_, list, fact) => {
    expect((await said(list)).join('\n')).toContain(fact);
  });

  it('of very many entries and images is read in one go, and few of its faults are kept', async () => {
    const many = Array.from({ length: 20_000 }, () => ({ ...FIRST, RepoTags: null }));
    expect(await said(many)).toEqual([]);
    const wrong = many.map((entry, place) => ({ ...entry, RepoTags: [`docker.io/library/evil:${place}`] }));
    const problems = await said(wrong);
    expect(problems).toHaveLength(1001);
    expect(problems.at(-1)).toBe('Cannot list all problems: 19000 more were found');
  });
});
