import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { eventWeights } from '../../src/config/eventWeights.ts';
import type { EnrichedEvent } from '../../src/domain/event.ts';
import { createClickCounter, isSearch } from '../../src/features/clickCounter.ts';
import { QueryMemory } from '../../src/features/queryMemory.ts';
import { emptyStatistics } from '../../src/features/statistics.ts';
import { readEvents } from '../../src/loop/readEvents.ts';
import type { EventLog, LogPosition } from '../../src/ports/eventLog.ts';
import { ENOUGH_SEARCHES } from '../ranking/clickLists.ts';
import type { BuildResources } from '../resources.ts';
import { type Stage, writeOutput } from '../stageGraph.ts';

const POSITION_FILE = 'position.json';
const positionSchema = z.record(z.string(), z.number()).nullable();

/**
 * What the log says of searches by now. Its output is how many there are and what was last done after one, so that a log in which
 * only other things happen, or too little to learn from, trains no ranker of searches anew; how far it was read stands beside that.
 */
export const searchLogStage: Stage<BuildResources> = {
  name: 'search-log',
  title: 'Searches of the log',
  needs: [],
  version: 1,
  always: true,
  parameters: () => null,
  async run({ resources: { log, config }, output, progress }) {
    const position = { ...(await log.end('enriched-events')) };
    const { examination } = emptyStatistics([]);
    const weights = eventWeights(config);
    const window = config.loop.attributionWindowMinutes * 60_000;
    const take = createClickCounter(new QueryMemory(), { examination, window, weights });
    let searches = 0;
    let clicks = 0;
    let latest = 0;
    for await (const events of readEvents(log, { to: position })) {
      for (const event of events) {
        const taken = take(event);
        clicks += taken;
        if (isSearch(event)) searches++;
        else if (taken === 0) continue;
        latest = Math.max(latest, event.occurredAt);
      }
    }
    const enough = clicks >= ENOUGH_SEARCHES;
    if (searches > 0 && !enough)
      progress.note(
        `${clicks} clicks on ${searches} searches; ${ENOUGH_SEARCHES} searches acted upon are needed to learn from them`,
      );
    await writeFile(join(output, POSITION_FILE), JSON.stringify(enough ? position : null));
    await writeOutput(output, enough ? { searches, clicks, latest } : null);
  },
};

/** How far the log was read; `undefined` where too little was clicked. */
export async function readSearchLog(folder: string): Promise<LogPosition | undefined> {
  return positionSchema.parse(JSON.parse(await readFile(join(folder, POSITION_FILE), 'utf8'))) ?? undefined;
}

/** The log's events up to a position, as training may see them. */
export async function readClickLog(log: EventLog, to: LogPosition): Promise<EnrichedEvent[]> {
  const all: EnrichedEvent[] = [];
  for await (const events of readEvents(log, { to })) for (const event of events) all.push(event);
  return all;
}
