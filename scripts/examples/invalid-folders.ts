import { layerOf } from '../../src/oci/artifact.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { folderSample, type SampleFolder } from '../../test/support/samples/folder-sample.ts';
import { filesOf } from './content.ts';
import { type Example, invalid } from './example.ts';
import { tarOf } from './valid.ts';

/** Folders that cannot be, or that lead out. */
export function invalidFolders(): readonly Example[] {
  const file = { name: 'scripts/run.sh', text: 'Hello\n' };
  const cases: readonly (readonly [name: string, what: string, says: string, folder: SampleFolder])[] = [
    [
      'B-ITEM-3-file-and-folder',
      'with a file that is a folder as well',
      'a folder',
      {
        files: [file, { ...file, name: 'scripts/run.sh/x' }],
      },
    ],
    [
      'B-ITEM-3-folder-twin',
      'with two folders that many filesystems take for one',
      'Scripts',
      {
        files: [file, { ...file, name: 'Scripts/x' }],
      },
    ],
    ['B-ITEM-12-leaving', 'with a link out of its folder', 'not inside it', link('../../etc/passwd')],
    ['B-ITEM-12-absolute', 'with a link to a place of the host', 'not inside it', link('/etc/passwd')],
    [
      'B-ITEM-12-up-behind-name',
      'with a link that goes up behind a name',
      'not inside it',
      link('lib/../run.sh'),
    ],
    ['B-ITEM-12-other-system', 'with a link as Windows writes it', 'not there', link('..\\run.sh')],
    ['B-ITEM-12-dangling', 'with a link to nothing', 'not there', link('gone.sh')],
    [
      'B-ITEM-12-loop',
      'with two links to each other',
      'without an end',
      {
        files: [file],
        links: [
          { name: 'scripts/a', target: 'b' },
          { name: 'scripts/b', target: 'a' },
        ],
      },
    ],
    [
      'B-ITEM-12-chain',
      'with 41 links one behind the other',
      'without an end',
      {
        files: [file],
        links: Array.from({ length: 41 }, (_, at) => ({
          name: `scripts/l${at}`,
          target: at === 40 ? 'run.sh' : `l${at + 1}`,
        })),
      },
    ],
    [
      'B-ITEM-12-folder-it-is-in',
      'with a link to the folder that it is in',
      'leads back',
      {
        files: [{ ...file, name: 'scripts/lib/run.sh' }],
        links: [{ name: 'scripts/lib/again', target: '../lib' }],
      },
    ],
    [
      'B-ITEM-12-circle',
      'with two folders that lead into each other',
      'leads back',
      {
        files: [
          { ...file, name: 'scripts/a/x' },
          { ...file, name: 'scripts/b/x' },
        ],
        links: [
          { name: 'scripts/a/b', target: '../b' },
          { name: 'scripts/b/a', target: '../a' },
        ],
      },
    ],
    [
      'B-ITEM-12-content',
      'with a folder that has content',
      'has content',
      {
        files: [file],
        layers: [
          {
            ...layerOf({ name: 'scripts/x', descriptor: { digest: digestOf('Hello\n'), size: 6 } }),
            annotations: {
              'org.opencontainers.image.title': 'scripts/x',
              'dev.saddlebag.file.folder': 'true',
            },
          },
        ],
      },
    ],
  ];
  return cases.map(([name, what, says, folder]) => {
    return invalid(`${name}.tar`, tarOf(filesOf([folderSample('scripts', folder)])), {
      what,
      code: 'ERR_BUNDLE_INVALID',
      says,
    });
  });
}

function link(target: string): SampleFolder {
  return { files: [{ name: 'scripts/run.sh', text: 'Hello\n' }], links: [{ name: 'scripts/link', target }] };
}
