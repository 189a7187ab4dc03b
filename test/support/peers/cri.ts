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

/** Asks the CRI at `socket` to pull an image, and returns the reference it answers with: gRPC with one small message. */
export async function criPull(socket: string, image: string): Promise<string> {
  const session = connect('http://localhost', { createConnection: () => connectSocket(socket) });
  try {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    session.on('error', reject);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/runtime.v1.ImageService/PullImage',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    let status = '';
    const look = (headers: Readonly<Record<string, unknown>>): void => {
      const { 'grpc-status': code, 'grpc-message': message = '' } = headers;
      if (typeof code === 'string' && typeof message === 'string')
        status = `${code} ${decodeURIComponent(message)}`;
    };
    stream.on('response', look);
    stream.on('trailers', look);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('end', () => {
      // Five bytes of frame, then field 1 with its length.
      if (status.startsWith('0 ')) resolve(Buffer.concat(chunks).subarray(7).toString());
      else reject(new Error(`Cannot pull ${image}: ${status}`));
    });
    stream.end(frame(field(field(Buffer.from(image)))));
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
