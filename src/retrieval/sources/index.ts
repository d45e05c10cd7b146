import type { CandidateSource } from '../source.ts';
import { behaviourSource } from './behaviour.ts';
import { contentSource } from './content.ts';
import type { SourceContext } from './context.ts';
import { coVisitationSource, togetherSource } from './coVisitation.ts';
import { newItemsSource } from './newItems.ts';
import { popularSource } from './popular.ts';
import { repeatSource } from './repeat.ts';
import { trendingSource } from './trending.ts';

export type { SourceContext } from './context.ts';

/** The sources of recommendations and of similar items, in the order in which explanations show them. */
export function createSources(context: SourceContext): readonly CandidateSource[] {
  const sources = [
    behaviourSource(context),
    coVisitationSource(context),
    togetherSource(context),
    contentSource(context),
    newItemsSource(context),
    repeatSource(context),
    trendingSource(context),
    popularSource(context),
  ];
  return sources.map((source) => ({ ...source, share: context.models.quotas[source.name] ?? 0 }));
}
