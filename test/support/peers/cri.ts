import { connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';

/** How the CRI of containerd finds registries. */
export interface CriOptions {
  /** Folder of `hosts.toml` files, by host. */
  readonly configPath: string;
  /** By host. */
  readonly auth?: Readonly<Record<string, { readonly username: string; readonly password: string }>>;
}

/** Returns the part of `config.toml` for the CRI, which is what a kubelet talks to. */
export function criSection({ configPath, auth = {} }: CriOptions): string {
  const plugin = 'plugins."io.containerd.grpc.v1.cri"';
  const logins = Object.entries(auth).map(
    ([host, { username, password }]) =>
      `[${plugin}.registry.configs."${host}".auth]
  username = ${JSON.stringify(username)}
  password = ${JSON.stringify(password)}
`,
  );
  // Overlays cannot be mounted everywhere that tests run.
  return `[${plugin}.containerd]
  snapshotter = "native"
[${plugin}.registry]
  config_path = "${configPath}"
${logins.join('')}`;
}

/** Asks the CRI at `socket` to pull an image, and returns the reference it answers with. */
export async function criPull(socket: string, image: string): Promise<string> {
  const { status, message } = await ask(socket, 'PullImage', field(field(Buffer.from(image))));
  // Field 1 with its length comes before the text.
  if (status.startsWith('0 ')) return message.subarray(2).toString();
  throw new Error(`Cannot pull ${image}: ${status}`);
}

/** Returns whether the CRI at `socket` answers: containerd listens before its parts are initialized. */
export async function isCriReady(socket: string): Promise<boolean> {
  return (await ask(socket, 'ListImages', Buffer.alloc(0))).status.startsWith('0 ');
}

/** Sends one small message to the image service: gRPC over HTTP/2. Returns `CODE MESSAGE` and what came back. */
async function ask(
  socket: string,
  method: string,
  body: Buffer,
): Promise<{ readonly status: string; readonly message: Buffer }> {
  const session = connect('http://localhost', { createConnection: () => connectSocket(socket) });
  try {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: string; message: Buffer }>();
    session.on('error', reject);
    const stream = session.request({
      ':method': 'POST',
      ':path': `/runtime.v1.ImageService/${method}`,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    let status = '';
    const look = (headers: Readonly<Record<string, unknown>>): void => {
      const { 'grpc-status': code, 'grpc-message': words = '' } = headers;
      if (typeof code === 'string' && typeof words === 'string')
        status = `${code} ${decodeURIComponent(words)}`;
    };
    stream.on('response', look);
    stream.on('trailers', look);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    // Five bytes of frame come before the message.
    stream.on('end', () => resolve({ status, message: Buffer.concat(chunks).subarray(5) }));
    stream.end(frame(body));
    return await promise;
  } finally {
    session.close();
  }
}

/** Field 1 of a protobuf message: text or another message, shorter than 128 bytes. */
function field(content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x0a, content.length]), content]);
}

function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
