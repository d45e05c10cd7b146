import * as z from 'zod/mini';
import { get } from '../api.ts';
import { fill, h } from '../dom.ts';
import { problemBox } from '../parts/problem.ts';
import type { Page } from './page.ts';

const reasons = z.array(z.object({ reason: z.string(), count: z.number() }));
const pipelineAnswer = z.object({
  topics: z.array(z.object({ topic: z.string(), records: z.number() })),
  groups: z.array(z.object({ group: z.string(), topic: z.string(), lag: z.number() })),
  invalid: z.optional(reasons),
  deadLetters: z.optional(reasons),
  featureTime: z.optional(z.nullable(z.number())),
});
type Counters = z.infer<typeof pipelineAnswer>;

const PERIOD = 2000;

/** What went through the event pipeline, how far its consumers are, and what was turned away and why. */
export const pipelinePage: Page = {
  title: 'Events',
  draw() {
    const body = h('div', { class: 'results' });
    const refresh = async () => {
      try {
        const { data } = await get(pipelineAnswer, '/pipeline');
        fill(body, ...counters(data));
      } catch (error) {
        fill(body, problemBox(error));
      }
      setTimeout(() => {
        if (body.isConnected) void refresh();
      }, PERIOD);
    };
    void refresh();
    return h(
      'section',
      {},
      h('h2', {}, 'The event pipeline'),
      h('p', {}, 'Every click goes through these topics. Effects reach the lists once the consumers have them.'),
      body,
    );
  },
};

const number = (value: number): HTMLElement => h('td', { class: 'number' }, value.toLocaleString('en'));

function table(caption: string, head: readonly string[], rows: readonly HTMLElement[]): HTMLElement {
  return h(
    'table',
    { class: 'figures' },
    h('caption', {}, caption),
    h('thead', {}, h('tr', {}, ...head.map((text) => h('th', { scope: 'col' }, text)))),
    h('tbody', {}, ...rows),
  );
}

function counters({ topics, groups, invalid, deadLetters, featureTime }: Counters): HTMLElement[] {
  const diverted = [
    ...(invalid ?? []).map((row) => ({ where: 'invalid', ...row })),
    ...(deadLetters ?? []).map((row) => ({ where: 'dead letter', ...row })),
  ];
  return [
    table(
      'Topics',
      ['Topic', 'Records'],
      topics.map(({ topic, records }) => h('tr', {}, h('th', { scope: 'row' }, topic), number(records))),
    ),
    table(
      'Consumers',
      ['Group', 'Reads', 'Behind by'],
      groups.map(({ group, topic, lag }) => h('tr', {}, h('th', { scope: 'row' }, group), h('td', {}, topic), number(lag))),
    ),
    diverted.length === 0
      ? h('p', { class: 'quiet' }, 'Nothing was turned away.')
      : table(
          'Turned away',
          ['Where', 'Reason', 'Records'],
          diverted.map(({ where, reason, count }) =>
            h('tr', {}, h('th', { scope: 'row' }, where), h('td', {}, reason), number(count)),
          ),
        ),
    ...(featureTime === undefined || featureTime === null
      ? []
      : [h('p', { class: 'quiet' }, `Feature time: ${new Date(featureTime).toISOString()}`)]),
  ];
}
