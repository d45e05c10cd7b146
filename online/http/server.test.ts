import { Agent, get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { listen } from './server.ts';

it('asks callers that keep their connections to leave before it closes them', async () => {
  const server = await listen((_req, res) => void setTimeout(() => res.end('ok'), 2), { host: '127.0.0.1', port: 0 });
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const ask = () =>
    new Promise<string>((resolve) => {
      const request = get(server.url, { agent }, (res) => {
        res.resume().once('end', () => resolve(res.headers.connection ?? ''));
      });
      request.once('error', (error) => resolve(error.message));
    });
  const last: string[] = [];
  const callers = Array.from({ length: 8 }, async () => {
    let told = 'keep-alive';
    while (told === 'keep-alive') told = await ask();
    last.push(told);
  });
  await pause(100);
  await server.close();
  await Promise.all(callers);
  agent.destroy();
  expect(last).toEqual(Array(8).fill('close'));
});
