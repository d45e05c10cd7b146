import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '../src/cli/progress.ts';
import type { StageRunner } from '../src/cli/stages.ts';
import type { JsonValue } from '../src/domain/json.ts';

/**
 * One step of the build. It declares what it reads (`needs`: earlier stages; `parameters`: everything else that decides its
 * output) and writes its whole output into one folder, so that a run repeats only what changed and a killed run goes on
 * where it was.
 */
export interface Stage<Resources> {
  readonly name: string;
  readonly title: string;
  readonly needs: readonly string[];
  /** Raised when the code changes in a way that changes the output. */
  readonly version: number;
  /** `always`: looks at the world outside (files, the log) at every run; what it finds decides whether later stages run. */
  readonly always?: boolean;
  parameters(resources: Resources): JsonValue;
  /** Writes into `output`. */
  run(context: StageContext<Resources>): Promise<void>;
}

export interface StageContext<Resources> {
  readonly resources: Resources;
  /** Folder of a stage in `needs`. */
  readonly input: (name: string) => string;
  readonly output: string;
  readonly progress: Progress;
}

export interface StageOutcome {
  readonly name: string;
  readonly fingerprint: string;
  readonly folder: string;
  /** False where an earlier run's output was used. */
  readonly ran: boolean;
}

/** What became of a stage. @throws Error where it is not among these */
export function outcomeOf(outcomes: readonly StageOutcome[], name: string): StageOutcome {
  const outcome = outcomes.find((one) => one.name === name);
  if (outcome === undefined) throw new Error(`the stage ${name} did not run`);
  return outcome;
}

/** A stage's key: a hash of its name, version, parameters and of its inputs' keys. */
function fingerprintOf(name: string, version: number, parameters: JsonValue, inputs: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([name, version, parameters, inputs]))
    .digest('hex')
    .slice(0, 20);
}

/**
 * Runs stages in the order given, each into `cacheFolder/<name>/<fingerprint>`; one whose folder is there is not run again.
 * Only the newest output of a stage is kept.
 * @param given outputs that are there already, such as a published artifact's
 */
export async function runStages<Resources>(
  stages: readonly Stage<Resources>[],
  resources: Resources,
  cacheFolder: string,
  show: StageRunner,
  given: readonly StageOutcome[] = [],
): Promise<readonly StageOutcome[]> {
  const outcomes = [...given];
  for (const stage of stages) {
    const inputs = stage.needs.map((name) => {
      const outcome = outcomes.find((one) => one.name === name);
      if (outcome === undefined) throw new Error(`stage ${stage.name} needs ${name}, which has not run before it`);
      return outcome;
    });
    await show(stage.title, async (progress) => {
      const outcome = await runStage(stage, resources, inputs, cacheFolder, progress);
      outcomes.push(outcome);
      return outcome.ran ? 'ran' : 'unchanged';
    });
  }
  return outcomes;
}

async function runStage<Resources>(
  stage: Stage<Resources>,
  resources: Resources,
  inputs: readonly StageOutcome[],
  cacheFolder: string,
  progress: Progress,
): Promise<StageOutcome> {
  const key = fingerprintOf(
    stage.name,
    stage.version,
    stage.parameters(resources),
    inputs.map((input) => input.fingerprint),
  );
  const home = join(cacheFolder, stage.name);
  await mkdir(home, { recursive: true });
  const folder = join(home, key);
  if (!stage.always && (await readdir(home)).includes(key)) {
    return { name: stage.name, fingerprint: key, folder, ran: false };
  }
  const output = join(home, `.staging-${randomBytes(4).toString('hex')}`);
  await mkdir(output);
  try {
    await stage.run({
      resources,
      input: (name) => outcomeOf(inputs, name).folder,
      output,
      progress,
    });
    const fingerprint = stage.always ? fingerprintOf(stage.name, stage.version, await readOutput(output), []) : key;
    const settled = join(home, fingerprint);
    await rm(settled, { recursive: true, force: true });
    await rename(output, settled);
    await removeOthers(home, fingerprint);
    return { name: stage.name, fingerprint, folder: settled, ran: true };
  } catch (error) {
    await rm(output, { recursive: true, force: true });
    throw error;
  }
}

export const OUTPUT_FILE = 'output.json';

/** An `always` stage says what it found in one small file. */
export async function writeOutput(folder: string, value: JsonValue): Promise<void> {
  await writeFile(join(folder, OUTPUT_FILE), JSON.stringify(value));
}

export async function readOutput(folder: string): Promise<JsonValue> {
  return JSON.parse(await readFile(join(folder, OUTPUT_FILE), 'utf8'));
}

async function removeOthers(home: string, keep: string): Promise<void> {
  for (const name of await readdir(home)) if (name !== keep) await rm(join(home, name), { recursive: true, force: true });
}
