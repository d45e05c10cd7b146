import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { UserError } from '../../src/domain/errors.ts';

/** Room for a query of 10,000 characters of any script, percent-encoded. */
const MAX_HEADER_BYTES = 128 * 1024;
/** How long open requests may take to end once the service stops. */
const DRAIN_MS = 10_000;

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** Stops accepting, lets open requests end, then closes what is left. */
  close(): Promise<void>;
}

/** @throws UserError where the address is taken or not this machine's */
export async function listen(handler: RequestListener, address: { host: string; port: number }): Promise<HttpServer> {
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: 120_000, keepAliveTimeout: 65_000 }, handler);
  server.on('clientError', refuseMalformed);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new UserError(`Cannot listen on ${address.host}:${address.port}: ${error.message}`)));
    server.listen(address.port, address.host, resolve);
  });
  const port = portOf(server);
  const shown = address.host.includes(':') ? `[${address.host}]` : address.host;
  return { url: `http://${shown}:${port}`, port, close: () => drain(server) };
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address.port;
}

async function drain(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  await closed;
  clearTimeout(timer);
  clearInterval(idle);
}

/** What is no HTTP never reaches the application; the answer has the same form all the same. */
function refuseMalformed(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const title = STATUS_CODES[status] ?? 'Error';
  const body = JSON.stringify({ type: 'about:blank', title, status, detail: 'This is not a request that HTTP allows here.' });
  const head = `HTTP/1.1 ${status} ${title}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`);
}
