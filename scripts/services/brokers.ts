import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../root.ts';
import { keptFolder } from './kept.ts';

/** Three brokers and a controller of their own on loopback, for tests and benchmarks. */
export interface TestBrokers {
  readonly folder: string;
  readonly brokers: readonly string[];
  /** 1 to 3, as a crash: kill -9. */
  kill(broker: number): void;
  /** Resolves when it takes connections. */
  restart(broker: number): Promise<void>;
  /** Stops a broker from running without ending it (SIGSTOP), and lets it go on (SIGCONT). */
  pause(broker: number): void;
  resume(broker: number): void;
  stop(): Promise<void>;
}

const SCRIPT = join(ROOT, 'scripts', 'services', 'kafka.sh');
const library = process.env['WINNOW_KAFKA_LIB'] ?? keptFolder('winnow-kafka-lib');

/** Whether brokers can be started here: their jars are fetched once, and Java has to be there. In CI it is an error if not. */
export function canStartBrokers(): boolean {
  try {
    execFileSync('bash', [SCRIPT, 'install', library], { stdio: ['ignore', 2, 2] });
    execFileSync('java', ['-version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (process.env['CI'] !== undefined) throw error;
    console.warn(`NOT TESTED ON KAFKA: brokers cannot be started here (scripts/services/kafka.sh): ${String(error)}`);
    return false;
  }
}

/** @param port of the first broker; the others' follow */
export async function startBrokers(port: number): Promise<TestBrokers> {
  const folder = await mkdtemp(join(tmpdir(), 'winnow-kafka-'));
  const run = (command: string, ...rest: string[]): void => {
    execFileSync('bash', [SCRIPT, command, folder, library, String(port), ...rest], { stdio: ['ignore', 2, 2] });
  };
  run('start');
  return {
    folder,
    brokers: [0, 1, 2].map((i) => `127.0.0.1:${port + i}`),
    kill: (broker) => run('kill', String(broker)),
    async restart(broker) {
      await promisify(execFile)('bash', [SCRIPT, 'restart', folder, library, String(port), String(broker)]);
    },
    pause: (broker) => run('pause', String(broker)),
    resume: (broker) => run('resume', String(broker)),
    async stop() {
      run('stop');
      await rm(folder, { recursive: true });
    },
  };
}
