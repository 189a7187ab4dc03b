import type { Usage } from 'clipanion';
import type { CheckProgress } from '../../../bundle/check/check.ts';
import { formatBytes, formatCount, formatDuration } from '../../../internal/format.ts';
import type { PushResult } from '../../../verbs/carrier/push.ts';
import { BaseCommand } from '../../base-command.ts';
import { checkAdvance } from '../../display/status/advance.ts';
import { printable } from '../../display/printable.ts';
import type { Status } from '../../display/status/status.ts';
import type { Style } from '../../display/style.ts';
import { formatTable } from '../../display/table.ts';
import { CA_FILE_OPTION } from '../../options/ca-file.ts';
import { argument, flagOption, listOption, valueOption } from '../../options/declare.ts';
import { KEY_OPTION, KEYS_NEEDED_OPTION, trustOf } from '../../options/key.ts';
import { REGISTRIES_OPTION } from '../../options/registries.ts';
import { UPLOAD_CHUNK_OPTION, uploadChunkOf } from '../../options/upload-chunk.ts';
import { commandLine } from '../../next/command.ts';
import type { Outcome } from '../../outcome.ts';

/** `bundle push BUNDLE REF` */
export class PushCommand extends BaseCommand {
  static override paths: string[][] = [['push']];
  static override usage: Usage = {
    description: 'put a bundle into a registry, for many hosts to install from',
    details: `
      REF is HOST[:PORT]/REPOSITORY:TAG. Every command takes oci://REF in place of a file and reads the bundle there, in place. The
      registry keeps each blob once, as its own content, so its replication carries whole bundles to other sites. What it has is not
      sent again: a push that was stopped goes on when it is run again, and the next bundle sends what is new. A tag that names
      another bundle is left alone without --replace. That a registry has a blob does not say in what state: with --verify all of the
      bundle is read back before the tag is set, and what is damaged is sent again.
    `,
    examples: [
      ['Push a bundle', '$0 push lab.tar harbor.lab/bundles/lab:2026-11'],
      ['Install it on a host', '$0 install oci://harbor.lab/bundles/lab:2026-11'],
      ['Move a tag to the next bundle', '$0 push next.tar harbor.lab/bundles/lab:latest --replace'],
    ],
  };

  bundle: string = argument('BUNDLE');
  reference: string = argument('REF');
  replace: boolean = flagOption('--replace', 'move the tag when it names another bundle');
  verify: boolean = flagOption('--verify', 'read back what the registry has, and send again what is damaged');
  createRepositories: boolean = flagOption(
    '--create-repositories',
    'create the repository at Amazon ECR, or the project at a Harbor, if it is missing',
  );
  key: string[] | undefined = listOption(...KEY_OPTION);
  keysNeeded: string | undefined = valueOption(...KEYS_NEEDED_OPTION);
  registries: string | undefined = valueOption(...REGISTRIES_OPTION);
  caFile: string | undefined = valueOption(...CA_FILE_OPTION);
  uploadChunk: string | undefined = valueOption(...UPLOAD_CHUNK_OPTION);

  protected override async perform(status: Status): Promise<Outcome<PushResult>> {
    const { surroundings, verbs } = this.context;
    const {
      bundle: path,
      reference,
      replace,
      verify,
      createRepositories,
      registries: registriesFile,
      caFile,
    } = this;
    const { key, keysNeeded } = trustOf(this);
    const uploadChunk = uploadChunkOf(this.uploadChunk);
    status.stage('push', reference);
    const { pushBundle } = await verbs.push();
    const ears = this.ears(status, (progress: CheckProgress) =>
      status.advance(checkAdvance('push', progress)),
    );
    const result = await pushBundle(
      {
        path,
        reference,
        replace,
        verify,
        createRepositories,
        key,
        keysNeeded,
        registriesFile,
        caFile,
        uploadChunk,
      },
      surroundings,
      ears,
    );
    const install = commandLine('bundle', ['install', `oci://${result.reference}`]);
    const next = [{ text: 'install it on any host that reaches the registry', command: install }];
    return { json: result, text: (style) => renderPush(result, style), next };
  }
}

/** Returns the result of a push as text; the last line is the root digest. */
function renderPush(result: PushResult, style: Style): string {
  const { root, reference, digest, blobs, bytes, pushedBytes, mountedBytes, repairedBytes, seconds } = result;
  const mounted = mountedBytes === 0 ? '' : `, ${formatBytes(mountedBytes)} taken from other repositories`;
  return [
    `${style('good', 'Pushed')} to ${printable(reference)}`,
    formatTable(
      [
        ['holds', `${formatCount(blobs, 'blob')}, ${formatBytes(bytes)}`],
        ['sent', `${formatBytes(pushedBytes)}${mounted}`],
        ...(repairedBytes === undefined
          ? []
          : [['read back', `all of it, ${formatBytes(repairedBytes)} repaired`]]),
        ['digest', digest],
        ['took', formatDuration(seconds)],
      ],
      { indent: '  ' },
    ),
    `root ${style('strong', root)}`,
  ].join('\n');
}
