import { parseArgs } from 'node:util';
import { trainRetrieval } from '../../offline/stages/trainRetrieval.ts';
import { trainingBackend } from '../../src/adapters/tfjs/backend.ts';
import { createEmbedderTrainer } from '../../src/adapters/tfjs/embedderTrainer.ts';
import { configSchema } from '../../src/config/schema.ts';
import { UserError } from '../../src/domain/errors.ts';
import { type Random, seededRandom } from '../../src/domain/random.ts';
import { type Interactions, interactionsBuilder } from '../../src/retrieval/interactions.ts';
import { type BenchReport, rounded } from './report.ts';

/**
 * Time and memory of training stage one on a simulated log: people of a few tastes who walk through a catalogue of skewed
 * popularity. One size a process, because peak memory is the process's.
 */
export async function run(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      interactions: { type: 'string', default: '100000' },
      items: { type: 'string', default: '5000' },
      length: { type: 'string', default: '100' },
      backend: { type: 'string' },
      epochs: { type: 'string' },
    },
  });
  const { backend: prefer } = values;
  if (prefer !== undefined && prefer !== 'native' && prefer !== 'wasm') throw new UserError('--backend is native or wasm');
  const size = positive('interactions', values.interactions);
  const itemCount = positive('items', values.items);
  const length = positive('length', values.length);
  const config = configSchema.parse({
    dataset: { items: { source: 'none', id: 'id' } },
    fields: { group: { type: 'category' } },
    training: values.epochs === undefined ? {} : { epochs: positive('epochs', values.epochs) },
  });
  const backend = await trainingBackend(prefer === undefined ? {} : { prefer });
  const items = Array.from({ length: itemCount }, (_, i) => ({ id: `i${i}`, fields: { group: `g${i % 50}` } }));
  const clock = stopwatch();
  const interactions = simulate(size, itemCount, length, seededRandom(1));
  const simulated = clock();
  let steps = 0;
  let trainingStarted = 0;
  const trained = await trainRetrieval({
    config,
    interactions,
    items,
    trainer: createEmbedderTrainer(backend),
    progress: {
      note: (text) => process.stderr.write(`${text}\n`),
      update: (done, total, detail) => {
        if (steps === 0) trainingStarted = performance.now();
        if (Math.floor((20 * done) / total) > Math.floor((20 * steps) / total))
          process.stderr.write(`${done}/${total} ${detail ?? ''}\n`);
        steps = done;
      },
    },
  });
  const used = clock();
  const settings = trained.data.embedder?.weights.settings;
  const megabytes = process.resourceUsage().maxRSS / 1024;
  return {
    name: `training-${size}-${itemCount}-${backend.name}`,
    title: 'Training stage one',
    setup: {
      interactions: size,
      items: itemCount,
      historyOf: length,
      backend: backend.name,
      epochs: settings?.epochs ?? 0,
      steps,
    },
    columns: ['interactions', 'items', 'simulate s', 'train s', 'of it CPU s', 'ms a step', 'peak MB'],
    rows: [
      [
        size,
        itemCount,
        rounded(simulated.wall, 1),
        rounded(used.wall, 1),
        rounded(used.cpu, 1),
        steps === 0 ? null : rounded((performance.now() - trainingStarted) / steps, 1),
        rounded(megabytes, 0),
      ],
    ],
    ...(size <= 1_000_000
      ? {
          checks: [
            {
              what: 'peak memory up to 1 M interactions',
              expected: '≤ 2048 MB',
              measured: rounded(megabytes, 0),
              passed: megabytes <= 2048,
            },
          ],
        }
      : {}),
  };
}

function simulate(size: number, itemCount: number, length: number, random: Random): Interactions {
  const builder = interactionsBuilder({ click: 1 });
  const users = Math.ceil(size / length);
  for (let u = 0, left = size; u < users; u++) {
    let at = Math.floor(itemCount * random() ** 2);
    for (let step = 0; step < length && left > 0; step++, left--) {
      builder.add({ actor: `user:${u}`, item: at, time: u * 1000 + step * 60_000, type: 'click' });
      const near = (at + 1 + Math.floor(20 * random() ** 2)) % itemCount;
      at = random() < 0.3 ? Math.floor(itemCount * random() ** 2) : near;
    }
  }
  return builder.finish(itemCount);
}

function stopwatch(): () => { wall: number; cpu: number } {
  let wall = performance.now();
  let cpu = process.cpuUsage();
  return () => {
    const used = process.cpuUsage(cpu);
    const passed = { wall: (performance.now() - wall) / 1000, cpu: (used.user + used.system) / 1e6 };
    wall = performance.now();
    cpu = process.cpuUsage();
    return passed;
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0) throw new UserError(`--${name} must be a whole number above 0, not "${text}"`);
  return value;
}
