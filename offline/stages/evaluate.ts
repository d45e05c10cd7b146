import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import type { Progress } from '../../src/cli/progress.ts';
import { seededRandom } from '../../src/domain/random.ts';
import { baselines, recommend } from '../../src/evaluation/baselines/index.ts';
import { reportChart } from '../../src/evaluation/chart.ts';
import { type EvaluationReport, evaluationReport, type MomentResult } from '../../src/evaluation/report.ts';
import { before, type Interactions } from '../../src/retrieval/interactions.ts';
import { beforeMoments, type Moment, momentsOf, type Split } from '../ranking/interactionLists.ts';

export interface EvaluateInput {
  readonly catalogue: Catalogue;
  readonly interactions: Interactions;
  readonly split: Split;
  /** The system's own results, at moments of the split. */
  readonly results: readonly MomentResult[];
  /** Other systems' lists of ids by actor, best first; measured at the same moments by the same code. */
  readonly others?: readonly { readonly name: string; readonly lists: ReadonlyMap<string, readonly string[]> }[];
  readonly seed: number;
  readonly progress: Progress;
}

const DEPTH = 200;
/** Histories up to this long are of new people, from the second on of heavy ones. */
const NEW_USER = 5;
const HEAVY_USER = 50;
/** Items with fewer people than this are new, or as good as new. */
const NEW_ITEM = 5;

/**
 * Measures a system beside the built-in baselines, which learn from the same actions as its stage one did and see the same
 * histories: all items ranked, those already seen excluded.
 */
export async function evaluate(input: EvaluateInput): Promise<EvaluationReport> {
  const { catalogue, interactions, split, results, others = [], seed, progress } = input;
  const known = learnedFrom(interactions, split);
  const wanted = new Set(results.map(({ actor }) => actor));
  const moments = [...momentsOf(interactions, catalogue, split)].filter(({ actor }) => wanted.has(actor));
  const systems: { name: string; results: readonly MomentResult[] }[] = [{ name: 'winnow', results }];
  for (const { name, lists } of others) {
    const told = moments.filter(({ actor }) => lists.has(actor)).length;
    if (told < moments.length)
      progress.note(`${name}: lists of ${told} of the ${moments.length} people; the others count as missed`);
    systems.push({
      name,
      results: moments.map((moment) => resultOf(moment, unseen(lists.get(moment.actor), moment, catalogue), catalogue)),
    });
  }
  for (const make of baselines) {
    const baseline = make(known);
    progress.note(`baseline: ${baseline.name}`);
    const own: MomentResult[] = [];
    for (const moment of moments) {
      const history = moment.history.flatMap(({ itemId }) => catalogue.ordinal(itemId) ?? []);
      const list = recommend(baseline, history, DEPTH, moment.seen);
      own.push(
        resultOf(
          moment,
          list.map((item) => catalogue.at(item)?.id ?? ''),
          catalogue,
        ),
      );
      if (own.length % 500 === 0) progress.update(own.length, moments.length, baseline.name);
    }
    systems.push({ name: baseline.name, results: own });
  }
  const people = peopleByItem(known);
  const historyLength = new Map(moments.map((moment) => [moment.actor, moment.history.length]));
  const popularity = (id: string): number => people[catalogue.ordinal(id) ?? -1] ?? 0;
  return evaluationReport(
    split.kind === 'last'
      ? 'the last item of each person'
      : `the first new item of each person since ${new Date(split.at).toISOString()}`,
    systems,
    {
      catalogueSize: catalogue.size,
      popularity,
      people: known.actors.length,
      usualPopularity: mean(known.items, (item) => people[item] ?? 0),
      segments: ({ actor, target }) => {
        const length = historyLength.get(actor) ?? 0;
        const person = length < NEW_USER ? 'new users' : length >= HEAVY_USER ? 'heavy users' : 'usual users';
        return popularity(target) < NEW_ITEM ? [person, 'new items'] : [person];
      },
    },
    seededRandom(seed),
  );
}

/** What stage one learned from, and so what the baselines may. */
const learnedFrom = (interactions: Interactions, split: Split): Interactions =>
  split.kind === 'last'
    ? beforeMoments(interactions, split.unlearned ?? 1)
    : before(interactions, split.learnedUntil ?? split.at);

/** Writes `report.json` and `report.svg` into a folder. */
export async function writeEvaluation(folder: string, report: EvaluationReport): Promise<void> {
  await writeFile(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(join(folder, 'report.svg'), `${reportChart(report)}\n`);
}

/** Another system's list, each item once, without what the person had seen at that moment. */
const unseen = (list: readonly string[] = [], { seen }: Moment, catalogue: Catalogue): readonly string[] =>
  [...new Set(list)].filter((id) => !seen.has(catalogue.ordinal(id) ?? -1));

function resultOf(moment: Moment, list: readonly string[], catalogue: Catalogue): MomentResult {
  const target = catalogue.at(moment.target)?.id ?? '';
  return { actor: moment.actor, target, place: list.slice(0, DEPTH).indexOf(target), top: list.slice(0, 10) };
}

/** How many people acted on each item. */
function peopleByItem({ actors, offsets, items, itemCount }: Interactions): Float64Array {
  const people = new Float64Array(itemCount);
  for (let a = 0; a < actors.length; a++) {
    for (const item of new Set(items.subarray(offsets[a], offsets[a + 1]))) people[item]!++;
  }
  return people;
}

function mean(items: Int32Array, value: (item: number) => number): number {
  let sum = 0;
  for (const item of items) sum += value(item);
  return items.length === 0 ? 0 : sum / items.length;
}
