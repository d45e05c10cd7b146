import type { Fields } from '../../src/domain/item.ts';
import type { OverlaidCandidate, RankedCandidate, StageResult } from '../../src/domain/pipeline.ts';
import { environment, scope } from '../../src/filters/testing.ts';
import { applyRules, type RulesContext } from './applyRules.ts';
import { parseRules } from './parseRules.ts';

/** A candidate for tests: the order of a list is that of the relevances. */
export const candidate = (id: string, relevance: number, fields: Fields = {}, source = 'behaviour'): RankedCandidate => ({
  id,
  ordinal: 0,
  hits: [{ source, score: relevance, rank: 1 }],
  item: { id, fields },
  relevance,
});

export const context: RulesContext = { bindings: scope, limit: 10 };

export const apply = (
  rules: unknown,
  ranked: readonly RankedCandidate[],
  more: Partial<RulesContext> = {},
): StageResult<OverlaidCandidate> => applyRules(parseRules(rules, environment), ranked, { ...context, ...more });

export const idsOf = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id);
