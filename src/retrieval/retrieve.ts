import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Candidate, Query } from '../domain/pipeline.ts';
import type { ItemFilter } from '../filters/itemFilter.ts';
import { mergeProposals } from './merge.ts';
import { newItemShare, type Quotas, quotasFor } from './quotas.ts';
import type { CandidateSource, Proposal } from './source.ts';

export interface RetrieveOptions {
  readonly sources: readonly CandidateSource[];
  readonly catalogue: Catalogue;
  /** Milliseconds after which the answer goes on without the sources that have not answered. */
  readonly deadline: number;
  /** Least share of the pool for new items, where exploration is on. */
  readonly newItems?: number;
  /** Told why a source is left out. */
  readonly onFailure?: (source: string, error: unknown) => void;
}

export interface Retrieved {
  /** Best first as far as stage one can tell: the merged order of the sources' lists. */
  readonly candidates: readonly Candidate[];
  /** `retrieve.NAME` of each source that failed or did not answer in time. */
  readonly degraded: readonly string[];
}

/** Asks every source that applies, side by side, and merges their lists by quota into a pool. Never throws for a source. */
export async function retrieve(options: RetrieveOptions, query: Query, filter: ItemFilter, poolSize: number): Promise<Retrieved> {
  const { sources, catalogue, deadline } = options;
  const quotas = quotasFor(query, newItemShare(query, catalogue, options.newItems), chosenShares(sources));
  const asked = sources.filter((source) => source.applies(query));
  const answers = await Promise.all(
    asked.map((source) =>
      answerWithin(source.retrieve(query, poolSize, filter), deadline, (error) => options.onFailure?.(source.name, error)),
    ),
  );
  const lists = answers.flatMap((answer, i) => {
    if (answer === undefined) return [];
    const source = asked[i]!.name;
    const entries = answer.map(({ id, score }) => ({ key: id, score }));
    return [{ source, quota: quotas[source] ?? 0, entries }];
  });
  const candidates: Candidate[] = [];
  for (const { key, hits } of mergeProposals(lists, poolSize)) {
    const ordinal = catalogue.ordinal(key);
    if (ordinal !== undefined) candidates.push({ id: key, ordinal, hits });
  }
  return { candidates, degraded: asked.filter((_, i) => answers[i] === undefined).map((source) => `retrieve.${source.name}`) };
}

/** The shares that the build chose, where it chose any. */
function chosenShares(sources: readonly CandidateSource[]): Quotas | undefined {
  const shares = sources.flatMap(({ name, share }): [string, number][] => (share === undefined ? [] : [[name, share]]));
  return shares.length === 0 ? undefined : Object.fromEntries(shares);
}

/** The source's list, or `undefined` where it failed or took too long. */
async function answerWithin(
  answer: Promise<readonly Proposal[]>,
  deadline: number,
  failed: (error: unknown) => void,
): Promise<readonly Proposal[] | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      failed(new Error(`no answer within ${deadline} ms`));
      resolve(undefined);
    }, deadline);
  });
  try {
    return await Promise.race([answer, late]);
  } catch (error) {
    failed(error);
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
