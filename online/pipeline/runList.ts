import { type Outcome, runStages } from './pipeline.ts';
import type { ListRequest } from './request.ts';
import { type Run, type RunNotes, type StageParts, stagesOf } from './stages.ts';
import type { Trace } from './trace.ts';

/** How many times as many candidates a list is made from where rules and policies leave too few of the first ones. */
const DEEPER = 5;

export interface RanList {
  readonly outcome: Outcome;
  readonly notes: RunNotes;
}

/**
 * Runs the stages for one request. Where caps, hiding or the last check leave the list short of this page, or nothing for the
 * next, although retrieval had more to bring, they run once more on a larger pool: a page is short only where that is too.
 */
export async function runList(parts: StageParts, run: Run, request: ListRequest, trace: Trace): Promise<RanList> {
  const { stages, notes } = stagesOf(parts, run);
  const outcome = await runStages(stages, request, trace);
  const { query, page, overlaid, retrieved } = outcome;
  const ends = page.length < query.limit || overlaid.length <= page.length;
  if (!ends || query.items !== undefined || retrieved.length < notes.pool) return { outcome, notes };
  trace.begin();
  const again = stagesOf(parts, { ...run, pool: DEEPER * notes.pool });
  return { outcome: await runStages({ ...again.stages, understand: async () => query }, request, trace), notes: again.notes };
}
