import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { KeyPair } from '../http/authority.ts';
import { startHttpServer, type SeenRequest } from '../http/http-server.ts';
import { packEntries } from '../samples/sample-chart.ts';

/** A download: its bytes, or the path of a file that has them. */
type NodeDownload = Uint8Array | string;

export interface NodeRelease {
  /** `24.5.0` */
  readonly version: string;
  /** Name of its LTS line, or false. */
  readonly lts: string | false;
  /** By their names below the folder of the release. */
  readonly files: Readonly<Record<string, NodeDownload>>;
  /** Sums to publish in place of the right ones. */
  readonly sums?: Readonly<Record<string, string>>;
}

export interface NodeSite extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
}

/** Serves releases as https://nodejs.org/dist does: `index.json`, `SHASUMS256.txt` and the downloads of each. */
export async function startNodeSite(
  releases: readonly NodeRelease[],
  { tls }: { readonly tls?: KeyPair | undefined } = {},
): Promise<NodeSite> {
  const documents = new Map<string, NodeDownload>();
  const index = releases.map(({ version, lts }) => ({ version: `v${version}`, date: '2026-01-01', lts }));
  documents.set('/index.json', Buffer.from(JSON.stringify(index)));
  for (const { version, files, sums = {} } of releases) {
    const lines: string[] = [];
    for (const [name, content] of Object.entries(files)) {
      documents.set(`/v${version}/${name}`, content);
      lines.push(`${sums[name] ?? (await sumOf(content))}  ${name}\n`);
    }
    documents.set(`/v${version}/SHASUMS256.txt`, Buffer.from(lines.join('')));
  }
  const server = await startHttpServer(
    async ({ path }, response) => {
      const content = documents.get(decodeURIComponent(path));
      if (content === undefined) return void response.writeHead(404).end();
      if (typeof content !== 'string') {
        response.writeHead(200, { 'content-length': content.length }).end(content);
        return;
      }
      response.writeHead(200, { 'content-length': (await stat(content)).size });
      createReadStream(content).pipe(response);
    },
    { tls },
  );
  return {
    url: server.url,
    requests: server.requests,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function sumOf(content: NodeDownload): Promise<string> {
  const hash = createHash('sha256');
  if (typeof content === 'string') for await (const chunk of createReadStream(content)) hash.update(chunk);
  else hash.update(content);
  return hash.digest('hex');
}

/** The first bytes of a program for each platform, and some more: what a runtime looks like from outside. */
export function programFor(platform: string): Buffer {
  const bytes = Buffer.alloc(4096, platform);
  const arm = platform.endsWith('/arm64');
  if (platform.startsWith('linux/')) {
    bytes.writeUInt32BE(0x7f454c46, 0);
    bytes.writeUInt16LE(arm ? 0xb7 : 0x3e, 18);
  } else if (platform.startsWith('darwin/')) {
    bytes.writeUInt32LE(0xfeedfacf, 0);
    bytes.writeUInt32LE(arm ? 0x0100000c : 0x01000007, 4);
  } else {
    bytes.write('MZ', 0);
    bytes.writeUInt32LE(128, 60);
    bytes.write('PE\0\0', 128, 'latin1');
    bytes.writeUInt16LE(0x8664, 132);
  }
  return bytes;
}

const WORDS: Readonly<Record<string, string>> = {
  'linux/amd64': 'linux-x64',
  'linux/arm64': 'linux-arm64',
  'darwin/amd64': 'darwin-x64',
  'darwin/arm64': 'darwin-arm64',
};

/** Returns a release with a small download for every platform. */
export function smallRelease(version: string, lts: string | false): NodeRelease {
  const archives = Object.entries(WORDS).map(([platform, word]) => {
    const root = `node-v${version}-${word}`;
    return [`${root}.tar.gz`, archiveOf(root, programFor(platform))] as const;
  });
  return {
    version,
    lts,
    files: { ...Object.fromEntries(archives), 'win-x64/node.exe': programFor('windows/amd64') },
  };
}

/** Returns the download of a runtime, with what else such an archive has. */
export function archiveOf(root: string, program: Uint8Array): Uint8Array {
  return packEntries([
    { path: `${root}/`, type: 'Directory' },
    { path: `${root}/README.md`, content: 'read me\n' },
    { path: `${root}/LICENSE`, content: 'Node.js is licensed for use as follows: …\n' },
    { path: `${root}/bin/node`, content: program },
    { path: `${root}/bin/npm`, type: 'SymbolicLink' },
    { path: `${root}/include/node/node.h`, content: '#define NODE\n' },
  ]);
}
