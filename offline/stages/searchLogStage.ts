import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { EnrichedEvent } from '../../src/domain/event.ts';
import { isSearch } from '../../src/features/clickCounter.ts';
import { readEvents } from '../../src/loop/readEvents.ts';
import type { EventLog, LogPosition } from '../../src/ports/eventLog.ts';
import type { BuildResources } from '../resources.ts';
import { type Stage, writeOutput } from '../stageGraph.ts';

const POSITION_FILE = 'position.json';
const positionSchema = z.record(z.string(), z.number()).nullable();

/**
 * What the log says of searches by now. Its output is how many there are and what was last done after one, so that a log in which
 * only other things happen trains no ranker of searches anew; how far the log was read stands beside that.
 */
export const searchLogStage: Stage<BuildResources> = {
  name: 'search-log',
  title: 'Searches of the log',
  needs: [],
  version: 1,
  always: true,
  parameters: () => null,
  async run({ resources: { log }, output }) {
    const position = { ...(await log.end('enriched-events')) };
    const requests = new Set<string>();
    let acted = 0;
    let latest = 0;
    for await (const events of readEvents(log, { to: position })) {
      for (const event of events) {
        if (isSearch(event)) requests.add(event.requestId);
        else if (event.kind === 'impression' || event.requestId === undefined || !requests.has(event.requestId)) continue;
        else acted++;
        latest = Math.max(latest, event.occurredAt);
      }
    }
    await writeFile(join(output, POSITION_FILE), JSON.stringify(requests.size === 0 ? null : position));
    await writeOutput(output, { searches: requests.size, acted, latest });
  },
};

/** How far the log was read; `undefined` where nobody has searched. */
export async function readSearchLog(folder: string): Promise<LogPosition | undefined> {
  return positionSchema.parse(JSON.parse(await readFile(join(folder, POSITION_FILE), 'utf8'))) ?? undefined;
}

/** The log's events up to a position, as training may see them. */
export async function readClickLog(log: EventLog, to: LogPosition): Promise<EnrichedEvent[]> {
  const all: EnrichedEvent[] = [];
  for await (const events of readEvents(log, { to })) for (const event of events) all.push(event);
  return all;
}
