import type { ByteStream } from '../../internal/bytes.ts';
import type { Exchange } from './exchange.ts';
import { handOver } from './hand-over.ts';

/**
 * Answers with content that is made as it is sent and whose size (bytes) is known; no faster than it is taken. Throws what `open`
 * throws; once the answer has begun, the caller must cut the connection.
 */
export async function sendStream(
  { response, method, stallLimit }: Exchange,
  { size, open }: { readonly size: number; readonly open: () => ByteStream },
  { name, type }: { readonly name: string; readonly type: string },
): Promise<void> {
  response.writeHead(200, {
    'content-type': type,
    'content-length': size,
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  });
  if (method === 'GET') for await (const chunk of open()) await handOver(response, chunk, { stallLimit });
  response.end();
}
