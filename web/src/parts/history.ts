import { type About, itemAnswer, userAnswer } from '../answers.ts';
import { get } from '../api.ts';
import { fill, h } from '../dom.ts';
import { who } from '../state.ts';
import { describe, titleOf } from '../wording.ts';

const SHOWN = 12;
const when = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** What the chosen person did lately, newest first, as the feature store has it. */
export async function historyPanel(aside: HTMLElement, about: About): Promise<void> {
  const person = who();
  if (person === undefined) return;
  if (person.kind === 'session') return sessionPanel(aside, about, person.items);
  const answer = await get(userAnswer, `/users/${encodeURIComponent(person.id)}`).catch(() => undefined);
  const history = (answer?.data.history ?? []).slice(0, SHOWN);
  const titles = await titlesOf(
    about,
    history.map(({ itemId }) => itemId),
  );
  fill(
    aside,
    h('h2', {}, 'Lately'),
    answer !== undefined &&
      Object.keys(answer.data.fields).length > 0 &&
      h('p', { class: 'quiet' }, describe(answer.data.fields)),
    history.length === 0
      ? h(
          'p',
          { class: 'quiet' },
          'Nothing yet. What is popular, as far as the policies allow it for someone unknown, comes first.',
        )
      : h(
          'ol',
          { class: 'history' },
          ...history.map(({ itemId, type, at }) =>
            h(
              'li',
              {},
              h('span', { class: 'badge' }, type),
              ` ${titles.get(itemId) ?? itemId} `,
              h('time', { datetime: new Date(at).toISOString() }, when.format(at)),
            ),
          ),
        ),
  );
}

async function sessionPanel(aside: HTMLElement, about: About, items: readonly string[]): Promise<void> {
  const titles = await titlesOf(about, items);
  fill(
    aside,
    h('h2', {}, 'This session'),
    items.length === 0
      ? h('p', { class: 'quiet' }, 'Nothing yet. One click is enough to go by.')
      : h('ol', { class: 'history' }, ...items.toReversed().map((id) => h('li', {}, titles.get(id) ?? id))),
  );
}

const known = new Map<string, string>();

async function titlesOf(about: About, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const missing = [...new Set(ids)].filter((id) => !known.has(id));
  await Promise.all(
    missing.map(async (id) => {
      const answer = await get(itemAnswer, `/items/${encodeURIComponent(id)}`).catch(() => undefined);
      if (answer !== undefined) known.set(id, titleOf(about, answer.data));
    }),
  );
  return known;
}
