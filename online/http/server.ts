import { createServer, type RequestListener, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { UserError } from '../../src/domain/errors.ts';

/** Room for 100,000 characters that are percent-encoded: what is too long is then refused by what reads it, which can say why. */
const MAX_HEADER_BYTES = 512 * 1024;
/** How long answers ask callers to leave before connections without a request are closed under them. */
const LEAVE_MS = 250;
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
  const open = new Set<ServerResponse>();
  let leaving = false;
  const options = { maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: 120_000, keepAliveTimeout: 65_000 };
  const server = createServer(options, (req, res) => {
    open.add(res);
    res.once('close', () => open.delete(res));
    if (leaving) res.setHeader('Connection', 'close');
    handler(req, res);
  });
  server.on('clientError', refuseMalformed);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new UserError(`Cannot listen on ${address.host}:${address.port}: ${error.message}`)));
    server.listen(address.port, address.host, resolve);
  });
  const port = portOf(server);
  const close = async () => {
    leaving = true;
    // A kept connection that is closed while its next request is on the way loses that request, so callers are told first.
    for (const res of open) if (!res.headersSent) res.setHeader('Connection', 'close');
    if (open.size > 0 || (await connections(server)) > 0) await new Promise((resolve) => setTimeout(resolve, LEAVE_MS));
    await drain(server);
  };
  const shown = address.host.includes(':') ? `[${address.host}]` : address.host;
  return { url: `http://${shown}:${port}`, port, close };
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address.port;
}

const connections = (server: Server): Promise<number> =>
  new Promise((resolve) => server.getConnections((error, count) => resolve(error === null ? count : 0)));

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
