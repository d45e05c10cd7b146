import type { TunedTraining } from '../../src/config/tuned.ts';

/** Settings that were tried, what came of them, and how long it took. */
export interface Trial {
  readonly training: TunedTraining;
  readonly quality: number;
  readonly seconds: number;
}

export interface SearchOptions {
  /** Trains with these settings and says how good the outcome is: more is better. */
  readonly measure: (training: TunedTraining) => Promise<number>;
  /** Milliseconds from a fixed time on, and until when a trial may last. */
  readonly now: () => number;
  readonly until: number;
  readonly onTrial?: (trial: Trial, best: Trial) => void;
}

type Change = (from: TunedTraining) => Partial<TunedTraining>;

/** What is tried, one setting after the other, each from the best so far; what is known to matter most comes first. */
const STEPS: readonly (readonly Change[])[] = [
  [({ dropout }) => ({ dropout: Math.min(0.7, dropout + 0.15) }), ({ dropout }) => ({ dropout: Math.max(0, dropout - 0.15) })],
  [({ epochs }) => ({ epochs: 2 * epochs }), ({ epochs }) => ({ epochs: Math.ceil(epochs / 2) })],
  [
    ({ dimensions }) => ({ dimensions: Math.min(256, 2 * dimensions) }),
    ({ dimensions }) => ({ dimensions: Math.ceil(dimensions / 2) }),
  ],
  [
    ({ historyLength }) => ({ historyLength: Math.min(128, 2 * historyLength) }),
    ({ historyLength }) => ({ historyLength: Math.ceil(historyLength / 2) }),
  ],
];

/** Less of an improvement than this may be chance. */
const WORTH_IT = 1.01;

/**
 * Coordinate descent from where the search starts, round after round, until a round brings nothing or the time is over. The
 * start is always measured; after it only what should be done in time, judged by how long the trials before it took.
 * @returns every trial in order, and the best of them
 */
export async function searchSettings(start: TunedTraining, options: SearchOptions): Promise<{ best: Trial; trials: Trial[] }> {
  const { measure, now, until, onTrial } = options;
  const trials: Trial[] = [];
  const tried = new Set<string>();
  const attempt = async (training: TunedTraining): Promise<Trial> => {
    tried.add(JSON.stringify(training));
    const started = now();
    const quality = await measure(training);
    const trial = { training, quality, seconds: (now() - started) / 1000 };
    trials.push(trial);
    return trial;
  };
  let best = await attempt(start);
  onTrial?.(best, best);
  for (let improved = true; improved; ) {
    improved = false;
    for (const changes of STEPS) {
      const from = best;
      for (const change of changes) {
        const training = rounded({ ...from.training, ...change(from.training) });
        const expected = (from.seconds * work(training)) / work(from.training);
        if (tried.has(JSON.stringify(training)) || now() + 1000 * expected > until) continue;
        const trial = await attempt(training);
        if (trial.quality > best.quality * WORTH_IT) {
          best = trial;
          improved = true;
        }
        onTrial?.(trial, best);
      }
    }
  }
  return { best, trials };
}

/** What a training costs, in proportion to others of the same data. */
const work = ({ epochs, dimensions }: TunedTraining): number => epochs * dimensions;

const rounded = (training: TunedTraining): TunedTraining => ({ ...training, dropout: Number(training.dropout.toFixed(2)) });
