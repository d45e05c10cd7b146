import { Agent, get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { listen } from './server.ts';

it('stops without losing a request of callers that keep their connections', async () => {
  const server = await listen((_req, res) => void setTimeout(() => res.end('ok'), 2), { host: '127.0.0.1', port: 0 });
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const ask = () =>
    new Promise<string>((resolve) => {
      get(server.url, { agent }, (res) => res.resume().once('end', () => resolve('answered'))).once(
        'error',
        (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message),
      );
    });
  const outcomes = new Set<string>();
  let going = true;
  const callers = Array.from({ length: 8 }, async () => {
    while (going) outcomes.add(await ask());
  });
  await pause(100);
  await server.close();
  going = false;
  await Promise.all(callers);
  agent.destroy();
  outcomes.delete('ECONNREFUSED');
  expect([...outcomes]).toEqual(['answered']);
});
