import * as z from 'zod/mini';
import { type About, listAnswer } from '../answers.ts';
import { get, send } from '../api.ts';
import { fill, h, uniqueId } from '../dom.ts';
import { announce } from '../parts/announce.ts';
import { itemList } from '../parts/itemList.ts';
import { problemBox } from '../parts/problem.ts';
import { whoParameters } from '../state.ts';
import type { Page, PageContext } from './page.ts';

const rulesAnswer = z.object({
  version: z.union([z.number(), z.string()]),
  at: z.optional(z.nullable(z.union([z.number(), z.string()]))),
  by: z.optional(z.nullable(z.string())),
  rules: z.array(z.unknown()),
  policies: z.array(z.unknown()),
});
const previewAnswer = z.object({ previews: z.array(z.object({ before: listAnswer, after: listAnswer })) });
const draft = z.object({ rules: z.array(z.unknown()), policies: z.array(z.unknown()) });

/** The rules and policies in force, a draft of the next ones, and what the draft would do to the chosen person's list. */
export const rulesPage: Page = {
  title: 'Rules',
  draw({ about }: PageContext) {
    const id = uniqueId('rules');
    const text = h('textarea', { id, spellcheck: 'false', class: 'code', rows: 24 });
    const state = h('p', { class: 'quiet' });
    const result = h('div', { class: 'results' });
    const queryId = uniqueId('query');
    const query = h('input', { id: queryId, type: 'text', placeholder: 'empty: for their recommendations' });
    let etag: string | null = null;

    const load = async () => {
      const answer = await get(rulesAnswer, '/rules');
      etag = answer.etag;
      const { version, at, by, rules, policies } = answer.data;
      const { stringify } = await import('yaml');
      text.value = stringify({ policies, rules }, { lineWidth: 0 });
      const when = at === undefined || at === null ? '' : `, since ${new Date(at).toLocaleString('en')}`;
      state.textContent = `Version ${version}${when}${by === undefined || by === null ? '' : `, by ${by}`}`;
    };
    const guarded = (work: () => Promise<void>) => () => void work().catch((error: unknown) => fill(result, problemBox(error)));
    const preview = guarded(async () => {
      const { rules, policies } = await parseDraft(text.value);
      const asked = { ...request(), ...(query.value.trim() === '' ? {} : { q: query.value.trim() }), limit: 10 };
      const { previews } = await send(previewAnswer, 'POST', '/rules:preview', { rules, policies, requests: [asked] });
      const [first] = previews;
      if (first !== undefined) fill(result, comparison(about, first));
      announce('The preview is ready.');
    });
    const publish = guarded(async () => {
      const sent = await parseDraft(text.value);
      await send(rulesAnswer, 'PUT', '/rules', sent, etag === null ? {} : { 'if-match': etag });
      await load();
      fill(result, h('p', {}, 'Published. Every replica has it within two seconds.'));
    });

    guarded(load)();
    return h(
      'section',
      {},
      h('h2', {}, 'Rules and policies'),
      state,
      h('label', { for: id }, 'The draft: what policies.yaml and rules.yaml would hold'),
      text,
      h(
        'div',
        { class: 'toolbar' },
        h('div', { class: 'field' }, h('label', { for: queryId }, 'Preview on a search for'), query),
        h('button', { type: 'button', onclick: preview }, 'Preview'),
        h('button', { type: 'button', class: 'primary', onclick: publish }, 'Publish'),
        h('button', { type: 'button', onclick: guarded(load) }, 'Start again from what is in force'),
      ),
      result,
    );
  },
};

function request(): { userId?: string; sessionItems?: string[] } {
  const { userId, sessionItems } = whoParameters();
  if (userId !== undefined) return { userId };
  return sessionItems === undefined ? {} : { sessionItems: sessionItems.split(',') };
}

async function parseDraft(text: string): Promise<z.infer<typeof draft>> {
  const { parse } = await import('yaml');
  const read = draft.safeParse(parse(text));
  if (!read.success) throw new Error(z.prettifyError(read.error));
  return read.data;
}

function comparison(about: About, { before, after }: z.infer<typeof previewAnswer>['previews'][number]): HTMLElement {
  const ids = before.items.map((item) => item.id);
  return h(
    'div',
    { class: 'side-by-side' },
    h('div', {}, h('h3', {}, 'Now'), itemList(before, { about })),
    h('div', {}, h('h3', {}, 'With the draft'), itemList(after, { about, before: ids })),
  );
}
