import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { UserError } from '../../../src/domain/errors.ts';
import { writeCatalogue } from './catalogue.ts';
import { runCommand, startServing } from './service.ts';

const SIZE = { items: 2000, users: 500, perUser: 20, seed: 5 };
/** Events of one request of the load. */
const PER_REQUEST = 10;
const PROBE_PAUSE = 50;
const WARM_UP = 3;
/** Milliseconds between two looks at how many events are due. */
const TICK = 10;

const listSchema = z.object({ items: z.array(z.object({ id: z.string() })) });

export interface Freshness {
  /** Milliseconds from sending an action to a list's answer that reflects it, ascending. */
  readonly latencies: readonly number[];
  /** Events a second that the service took beside the probes. */
  readonly rate: number;
}

/**
 * Starts a service with its event pipeline on a made-up catalogue, sends it events at a rate, and with it one person after the
 * other who acts on the first item of their list and asks again until the item has gone from it.
 * @param extra lines of winnow.yaml
 */
export async function measureFreshness(
  folder: string,
  options: { readonly rate: number; readonly seconds: number; readonly extra?: string },
): Promise<Freshness> {
  const config = await writeCatalogue(join(folder, 'data'), SIZE);
  await appendFile(config, options.extra ?? '');
  const workspace = join(folder, 'workspace');
  await runCommand('build-index', config, workspace);
  const service = await startServing(config, workspace, { loop: true });
  let id = 0;
  const send = async (payloads: readonly { userId: string; itemId: string }[]): Promise<void> => {
    const events = payloads.map((payload) => ({
      id: `e${id++}`,
      type: 'click',
      schemaVersion: 1,
      occurredAt: Date.now(),
      payload,
    }));
    const answer = await fetch(`${service.url}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ events }),
    });
    await answer.arrayBuffer();
    if (answer.status !== 202) throw new UserError(`POST /events was answered ${answer.status}`);
  };
  const ask = async (user: string): Promise<string[]> => {
    const answer = await fetch(`${service.url}/recommend?userId=${user}&limit=10`);
    return listSchema.parse(await answer.json()).items.map((item) => item.id);
  };
  const probe = async (user: string): Promise<number> => {
    const [itemId = ''] = await ask(user);
    const started = performance.now();
    await send([{ userId: user, itemId }]);
    while ((await ask(user)).includes(itemId)) await sleep(2);
    return performance.now() - started;
  };
  let sent = 0;
  const sending: Promise<void>[] = [];
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  const load = setInterval(() => {
    while (sent < elapsed() * options.rate) {
      sent += PER_REQUEST;
      const payloads = Array.from({ length: PER_REQUEST }, (_, i) => ({
        userId: `u${(sent * 7 + i) % SIZE.users}`,
        itemId: `i${(sent * 13 + i * 31) % SIZE.items}`,
      }));
      sending.push(send(payloads));
    }
  }, TICK);
  try {
    const latencies: number[] = [];
    for (let n = 0; elapsed() < WARM_UP + options.seconds; n++) {
      const latency = await probe(`probe${n}`);
      if (elapsed() > WARM_UP) latencies.push(latency);
      await sleep(PROBE_PAUSE);
    }
    const rate = sent / elapsed();
    clearInterval(load);
    await Promise.all(sending);
    return { latencies: latencies.sort((a, b) => a - b), rate };
  } finally {
    clearInterval(load);
    await service.stop();
  }
}
