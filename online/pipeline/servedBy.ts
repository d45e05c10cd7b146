import type { ServedBy } from '../../src/domain/event.ts';
import type { OverlaidCandidate, Query } from '../../src/domain/pipeline.ts';
import type { Trace } from './trace.ts';

/** What of an artifact may have ordered a list. */
interface Serving {
  readonly manifest: { readonly version: string };
  readonly ranker?: { readonly id: string };
  readonly searches?: { readonly ranker: { readonly id: string } };
}

/**
 * Which ranker led the list. What answers a text is led by the ranker of searches, where there is one; without it a person's
 * taste moves the list, and the order of a stranger's is retrieval's alone: `none`.
 */
export function servedBy(
  { manifest, ranker, searches }: Serving,
  { text, history }: Pick<Query, 'text' | 'history'>,
  page: readonly Pick<OverlaidCandidate, 'match'>[],
  { degraded }: Pick<Trace, 'degraded'>,
): ServedBy {
  const answers = text !== undefined && page.some(({ match }) => match !== undefined);
  const taste = text === undefined || history.length > 0 ? ranker : undefined;
  const led = degraded.has('ranker') ? undefined : ((answers ? searches?.ranker : undefined) ?? taste);
  return { artifact: manifest.version, ranker: led?.id ?? 'none', experiment: null };
}
