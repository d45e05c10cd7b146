import { Listr, ListrLogger, ProcessOutput } from 'listr2';
import type { Progress } from './progress.ts';

/** Shows one stage at work: on a terminal as a line that moves, elsewhere as plain lines. */
export type StageRunner = (title: string, work: (progress: Progress) => Promise<'ran' | 'unchanged'>) => Promise<void>;

export interface StageRunnerOptions {
  readonly stream: NodeJS.WriteStream;
  readonly isTTY: boolean;
  /** Plain lines about progress are at least this far apart, in milliseconds. */
  readonly interval?: number;
}

export function createStageRunner({ stream, isTTY, interval = 2000 }: StageRunnerOptions): StageRunner {
  return isTTY ? terminalRunner(stream) : plainRunner((line) => stream.write(`${line}\n`), interval);
}

function terminalRunner(stream: NodeJS.WriteStream): StageRunner {
  return async (title, work) => {
    const logger = new ListrLogger({ useIcons: true, toStderr: [], processOutput: new ProcessOutput(stream, stream) });
    const notes: string[] = [];
    const started = performance.now();
    const list = new Listr(
      [
        {
          title,
          task: async (_context, task) => {
            const outcome = await work({
              note: (text) => {
                notes.push(text);
                task.output = notes.join('\n');
              },
              update: (done, total, detail) => {
                task.title = `${title}  ${share(done, total)}${detail === undefined ? '' : `  ${detail}`}`;
              },
            });
            task.title = `${title}  ${outcome === 'ran' ? seconds(started) : 'unchanged'}`;
          },
          rendererOptions: { persistentOutput: true, outputBar: Number.POSITIVE_INFINITY },
        },
      ],
      { renderer: 'default', registerSignalListeners: false, rendererOptions: { logger, showErrorMessage: false } },
    );
    await list.run();
  };
}

/** Plain lines, each with the stage's title, at most one about progress per interval. */
export function plainRunner(write: (line: string) => void, interval: number, now = () => performance.now()): StageRunner {
  return async (title, work) => {
    const started = now();
    let last = started;
    write(`${title} …`);
    const outcome = await work({
      note: (text) => write(`${title}: ${text}`),
      update: (done, total, detail) => {
        if (now() - last < interval) return;
        last = now();
        write(`${title}: ${share(done, total)}${detail === undefined ? '' : `, ${detail}`}`);
      },
    });
    write(`${title}: ${outcome === 'ran' ? `done in ${((now() - started) / 1000).toFixed(1)} s` : 'unchanged'}`);
  };
}

const share = (done: number, total: number): string =>
  total > 0 ? `${Math.min(100, Math.floor((done / total) * 100))} %` : `${done}`;

const seconds = (started: number): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
