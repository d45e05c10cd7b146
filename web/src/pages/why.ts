import { itemAnswer, listAnswer } from '../answers.ts';
import { get } from '../api.ts';
import { fill, h, uniqueId } from '../dom.ts';
import { type Explained, explainAnswer } from '../explained.ts';
import { combobox } from '../parts/combobox.ts';
import { explanationView } from '../parts/explanation.ts';
import { problemBox } from '../parts/problem.ts';
import { rewrite } from '../router.ts';
import { whoParameters } from '../state.ts';
import { figure, titleOf } from '../wording.ts';
import type { Page, PageContext } from './page.ts';

/** “Why is X not here?”, answered from a run of the real pipeline. */
export const whyPage: Page = {
  title: 'Why not?',
  draw({ about, parameters }: PageContext) {
    const asked = { item: parameters.get('item') ?? '', q: parameters.get('q') ?? '' };
    const answer = h('div', { class: 'results' });
    const load = async () => {
      rewrite('why', { item: asked.item, q: asked.q });
      if (asked.item === '')
        return fill(answer, h('p', { class: 'empty' }, 'Choose an item to see its place, or what removed it.'));
      try {
        const [item, { data }] = await Promise.all([
          get(itemAnswer, `/items/${encodeURIComponent(asked.item)}`).catch(() => undefined),
          get(explainAnswer, '/explain', { ...whoParameters(), itemId: asked.item, q: asked.q || undefined }),
        ]);
        fill(answer, verdict(item === undefined ? asked.item : titleOf(about, item.data), data));
      } catch (error) {
        fill(answer, problemBox(error));
      }
    };
    const picker = combobox({
      label: 'Item',
      placeholder: 'Part of its name, or its id',
      value: asked.item,
      offer: async (typed, signal) => {
        const { data } = await get(listAnswer, '/search', { q: typed, limit: 8, record: false }, signal);
        return data.items.map((item) => ({ text: titleOf(about, item), value: item.id, detail: item.id }));
      },
      onTake: (typed, choice) => {
        asked.item = choice?.value ?? typed.trim();
        void load();
      },
    });
    picker.input.dataset['slash'] = 'here';
    const id = uniqueId('query');
    const query = h('input', {
      id,
      type: 'text',
      value: asked.q,
      placeholder: 'empty: in their recommendations',
      onchange: () => {
        asked.q = query.value.trim();
        void load();
      },
    });
    void load();
    return h(
      'section',
      {},
      h('h2', {}, 'Why is it there, or why not?'),
      h(
        'div',
        { class: 'toolbar' },
        picker.element,
        h('div', { class: 'field' }, h('label', { for: id }, 'In a search for'), query),
      ),
      answer,
    );
  },
};

function verdict(name: string, data: Explained): HTMLElement {
  const { removal } = data;
  return h(
    'article',
    { class: 'verdict' },
    removal === undefined
      ? h('h3', {}, `${name} is at place ${data.position ?? '?'}`)
      : h('h3', {}, `${name} is not in the list: ${reasonInWords(removal.stage, removal.reason)}`),
    removal !== undefined &&
      h(
        'p',
        {},
        'Stage ',
        h('strong', {}, removal.stage),
        ', reason ',
        h('strong', {}, removal.reason),
        removal.detail === undefined ? null : `: ${removal.detail}`,
      ),
    data.cutoff !== undefined &&
      data.cutoff !== null &&
      h('p', { class: 'quiet' }, `The list ends at place ${data.cutoff.rank} with ${figure(data.cutoff.score)}.`),
    data.score !== undefined &&
      explanationView({ score: data.score, sources: data.sources ?? [], explanation: data.explanation }),
  );
}

/** The pipeline's own reason, said in a sentence; ids of policies and rules stand as they are. */
function reasonInWords(stage: string, reason: string): string {
  if (reason === 'seen') return 'they know it already';
  if (reason === 'filter') return 'the filter leaves it out';
  if (reason === 'unknown-item') return 'the catalogue has no such item';
  if (reason === 'below-cut') return stage === 'retrieve' ? 'no source proposed it' : 'others score higher';
  return stage === 'policy' || stage === 'filter' ? `the policy “${reason}” forbids it` : `“${reason}” removed it`;
}
