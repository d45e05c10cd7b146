import { UnavailableError } from '../../src/domain/errors.ts';
import { seededRandom } from '../../src/domain/random.ts';
import { openPipeline, placesSchema } from './pipelineParts.ts';

/** One part of the loop as a process of its own, to be killed: `collector`, `enricher` or `updater`, a folder, a seed and the places. */
const [role, folder, seed, places = '{}'] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: pipelineProcess.ts ROLE FOLDER SEED');
const pipeline = await openPipeline(folder, placesSchema.parse(JSON.parse(places)));
const forever = new AbortController().signal;
console.log('READY');

if (role === 'enricher') await pipeline.enricher.run(forever);
else if (role === 'updater') await pipeline.updater.run(forever);
else await produce();

/** Sends batches of events, some of them wrong, on unknown items, or sent before; tells which were acknowledged. */
async function produce(): Promise<void> {
  const random = seededRandom(Number(seed));
  let before: object[] = [];
  for (let n = 0; ; n++) {
    const batch = Array.from({ length: 1 + Math.floor(random() * 20) }, (_, i) => {
      const kind = random();
      return {
        id: `${seed}-${n}-${i}`,
        type: random() < 0.8 ? 'click' : 'buy',
        schemaVersion: kind < 0.05 ? 7 : 1,
        occurredAt: Date.now(),
        payload: {
          userId: `user${Math.floor(random() * 50)}`,
          itemId: kind < 0.05 ? 3 : kind < 0.1 ? 'nowhere' : `item${Math.floor(random() * 30)}`,
        },
      };
    });
    const again = random() < 0.2 ? before : [];
    try {
      const { verdicts } = await pipeline.collector.accept([...batch, ...again]);
      console.log(`ACK ${verdicts.map(({ id }) => id).join(' ')}`);
    } catch (error) {
      // The log is away for a while: its refusal is what a producer sees, and nothing of the batch counts as accepted.
      if (!(error instanceof UnavailableError)) throw error;
    }
    before = batch;
    await new Promise((resolve) => setTimeout(resolve, random() * 4));
  }
}
