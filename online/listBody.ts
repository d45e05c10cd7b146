import type { Removal } from '../src/domain/pipeline.ts';
import { methodOf } from './explain.ts';
import type { ServedList } from './lists.ts';
import type { ListRequest } from './pipeline/request.ts';
import type { ListAnswer } from './service.ts';

/** The answer's JSON: the slate, and what the route adds to it. */
export function answerBody(request: ListRequest, served: ServedList): ListAnswer {
  return { body: bodyOf(request, served), serverTiming: served.trace.serverTiming(), items: served.slate.items };
}

function bodyOf(request: ListRequest, served: ServedList): Readonly<Record<string, unknown>> {
  const slate = request.explain ? withMethod(served) : served.slate;
  if (served.search !== undefined) {
    const { facets, correctedQuery, notice, total, highlights } = served.search;
    const items = slate.items.map((item) => ({ ...item, highlights: highlights.get(item.id) ?? {} }));
    return { ...slate, items, facets, correctedQuery, notice, total };
  }
  return request.route === 'rank' ? { ...slate, removed: removedOf(served) } : { ...slate };
}

/** Says beside each explanation how its contributions were made. */
function withMethod(served: ServedList) {
  const { slate } = served;
  const method = methodOf(served);
  const items = slate.items.map((item) =>
    item.explanation === undefined ? item : { ...item, explanation: { ...item.explanation, method } },
  );
  return { ...slate, items };
}

/** Of the caller's own candidates: what was removed on the way, and what the page had no room for. */
function removedOf({ trace, outcome }: ServedList): Removal[] {
  const listed = new Set(outcome.page.map(({ id }) => id));
  const known = new Set(trace.removed.map(({ id }) => id));
  const cut = outcome.overlaid.filter(({ id }) => !listed.has(id) && !known.has(id));
  return [...trace.removed, ...cut.map(({ id }): Removal => ({ id, stage: 'page', reason: 'below-cut' }))];
}
