import type { List } from '../answers.ts';
import type { Timing } from '../api.ts';
import { h, withProperty } from '../dom.ts';
import { figure } from '../wording.ts';

/** Who answered, in what time, stage by stage, and what was left out. */
export function servedLine(list: List, times: readonly Timing[]): HTMLElement {
  const total = times.find((time) => time.stage === 'total');
  const stages = times.filter((time) => time !== total);
  const sum = stages.reduce((all, time) => all + time.milliseconds, 0);
  const ranker = list.served.ranker === '' || list.served.ranker === 'none' ? 'retrieval order' : `ranker ${list.served.ranker}`;
  return h(
    'div',
    { class: 'served' },
    stages.length > 0 &&
      h(
        'span',
        { class: 'stages', 'aria-hidden': 'true' },
        ...stages.map((time, i) =>
          withProperty(
            withProperty(
              h('span', { title: `${time.stage} ${figure(time.milliseconds)} ms` }),
              '--share',
              time.milliseconds / (sum || 1),
            ),
            '--stage',
            i,
          ),
        ),
      ),
    h(
      'span',
      {},
      `${figure(total?.milliseconds ?? sum)} ms`,
      stages.length > 0 && `: ${stages.map((time) => `${time.stage} ${figure(time.milliseconds)}`).join(' · ')}`,
    ),
    h('span', {}, `model ${list.served.artifact}, ${ranker}`),
    ...list.degraded.map((name) => h('span', { class: 'badge warning' }, `without ${name}`)),
  );
}
