import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeShop, until } from './harness.ts';

const ROOT = join(import.meta.dirname, '..', '..');

it('npm start hands the signal to end on to the service, and nothing of it is left', async () => {
  const shop = await makeShop({ items: 60, users: 20 });
  onTestFinished(() => shop.remove());
  await shop.command('build-index');
  const args = ['start', '--', '--port', '0', '--config', shop.config, '--workspace', shop.workspace];
  const child = spawn('npm', args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the service did not start')));
    child.stdout.on('data', (chunk: Buffer) => {
      const found = /http:\/\/[\d.]+:\d+/.exec(chunk.toString());
      if (found !== null) resolve(found[0]);
    });
  });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  child.kill('SIGTERM');
  const isUp = () =>
    fetch(`${url}/healthz`).then(
      () => true,
      () => false,
    );
  expect(await until(isUp, (up) => !up)).toBe(false);
}, 120_000);
