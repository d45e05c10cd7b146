import { z } from 'zod';
import { UnavailableError } from '../../src/domain/errors.ts';
import type { Action } from '../../src/domain/event.ts';
import type { Enrichment } from './enrichment.ts';

const answerSchema = z.object({
  results: z.array(
    z.union([
      z.object({ reason: z.string(), detail: z.string().default(''), retry: z.boolean().default(false) }),
      z.object({ value: z.number().optional() }),
    ]),
  ),
});

/**
 * An enrichment by a service of one's own, such as a model's inference: gets `{ actions: [...] }` as a POST, answers
 * `{ results: [...] }` with one entry for each action in order. An entry may set the action's `value`, or turn it away with
 * `reason`, `detail` and whether to `retry`.
 */
export function remoteEnrichment(url: string): Enrichment {
  return {
    name: 'enrichment',
    async enrich(actions) {
      const answer = await post(url, actions);
      const { results } = answerSchema.parse(await answer.json());
      return actions.map((action, i) => {
        const result = results[i];
        if (result === undefined) return { reason: 'enrichment-failed', detail: 'no result for this action', retry: true };
        if ('reason' in result) return result;
        return { action: result.value === undefined ? action : { ...action, value: result.value } };
      });
    },
  };
}

/** @throws UnavailableError when the service is away; Error when it does not take the batch */
async function post(url: string, actions: readonly Action[]): Promise<Response> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ actions }),
  }).catch((error: unknown) => {
    throw new UnavailableError(`${url} did not answer: ${String(error)}`, { cause: error });
  });
  if (answer.ok) return answer;
  await answer.body?.cancel();
  if (answer.status >= 500) throw new UnavailableError(`${url} answered ${answer.status}`);
  throw new Error(`${url} answered ${answer.status}`);
}
