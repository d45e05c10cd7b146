import { once } from 'node:events';
import { UnavailableError } from '../../src/domain/errors.ts';
import { openPipeline } from './pipelineParts.ts';

/**
 * Run under a limit of file size, which fails writes as a full disk does: appends until it is refused, and tells with what and
 * how much can be read then. When something comes on standard input there is room again: it appends once more, without having
 * been started anew. Its argument is the folder.
 */
const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: fullDisk.ts FOLDER');
const { log, close } = await openPipeline(folder);
const value = { text: Array.from({ length: 3000 }, () => Math.random().toString(36)).join('') };
const append = (n: number): Promise<void> => log.append('raw-events', [{ key: 'user:u', value: { n, ...value } }]);

let acknowledged = 0;
let refusal: unknown;
while (refusal === undefined && acknowledged < 2000) {
  await append(acknowledged).then(
    () => acknowledged++,
    (error: unknown) => {
      refusal = error;
    },
  );
}
const status = refusal instanceof UnavailableError ? refusal.status : null;
console.log(JSON.stringify({ acknowledged, read: await count(), status, message: String(refusal) }));

await once(process.stdin, 'data');
for (let i = 0; i < 100; i++) await append(i);
console.log(JSON.stringify({ acknowledged: acknowledged + 100, read: await count() }));
await close();
process.exit(0);

async function count(): Promise<number> {
  let read = 0;
  for await (const batch of log.read('raw-events', { maxBatch: 10 })) read += batch.length;
  return read;
}
