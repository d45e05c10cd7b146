import { setTimeout as sleep } from 'node:timers/promises';
import { UnavailableError } from '../../src/domain/errors.ts';
import type { Action } from '../../src/domain/event.ts';
import type { Enrichment, EnrichmentResult } from './enrichment.ts';

/** Pauses before each further try, milliseconds: a batch waits at most their sum for what fails. */
export const RETRY_PAUSES = [20, 60] as const;
const TIMEOUT = 1000;

export type Enriched = { readonly action: Action } | { readonly reason: string; readonly detail: string };

/** Puts a batch of actions through all enrichments; those that fail are tried again a few times, together, then given up. */
export async function runEnrichments(enrichments: readonly Enrichment[], actions: readonly Action[]): Promise<Enriched[]> {
  const results: Enriched[] = actions.map((action) => ({ action }));
  for (const enrichment of enrichments) {
    let open = actions.map((_, i) => i).filter((i) => 'action' in results[i]!);
    for (let attempt = 0; open.length > 0; attempt++) {
      const asked = open.map((i) => actionOf(results[i]!)).filter((action) => action !== undefined);
      const answers = await attemptOnce(enrichment, asked);
      const again: number[] = [];
      const last = attempt === RETRY_PAUSES.length;
      open.forEach((place, k) => {
        const answer = answers[k];
        if (answer === undefined) return;
        if ('action' in answer) results[place] = answer;
        else if (answer.retry && !last) again.push(place);
        else results[place] = { reason: answer.reason, detail: answer.detail };
      });
      open = again;
      if (open.length > 0) await sleep(RETRY_PAUSES[attempt]);
    }
  }
  return results;
}

const actionOf = (result: Enriched): Action | undefined => ('action' in result ? result.action : undefined);

/** Parts that a batch is asked about in, side by side, where one of it made the whole fail; twice over finds one of a thousand. */
const PARTS = 32;
const ROUNDS = 2;

async function attemptOnce(
  enrichment: Enrichment,
  actions: readonly Action[],
  rounds = ROUNDS,
): Promise<readonly EnrichmentResult[]> {
  const failed = (detail: string): EnrichmentResult[] =>
    actions.map(() => ({ reason: `${enrichment.name}-failed`, detail, retry: true }));
  const stop = new AbortController();
  const timeout = sleep(TIMEOUT, undefined, { signal: stop.signal }).then(
    () => failed(`no answer within ${TIMEOUT} ms`),
    () => failed('stopped'),
  );
  try {
    const answers = await Promise.race([enrichment.enrich(actions), timeout]);
    return answers.length === actions.length ? answers : failed(`${answers.length} answers for ${actions.length} actions`);
  } catch (error) {
    // A service that is away is so for the parts too.
    if (actions.length === 1 || rounds === 0 || error instanceof UnavailableError)
      return failed(error instanceof Error ? error.message : String(error));
    const size = Math.ceil(actions.length / PARTS);
    const parts = Array.from({ length: Math.ceil(actions.length / size) }, (_, i) => actions.slice(i * size, (i + 1) * size));
    return (await Promise.all(parts.map((part) => attemptOnce(enrichment, part, rounds - 1)))).flat();
  } finally {
    stop.abort();
  }
}
