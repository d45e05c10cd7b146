import { Command } from 'commander';
import type { z } from 'zod';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { UserError } from '../domain/errors.ts';
import { createStageRunner, type StageRunner } from './stages.ts';

/** What a command gets to work with. */
export interface CommandContext {
  /** `--config` and `--workspace` as given. */
  readonly configPath: string | undefined;
  readonly workspace: string | undefined;
  /** Reads and validates the configuration. @throws UserError */
  loadConfig(): Promise<Config>;
  /** Aborts on the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  readonly stage: StageRunner;
  /** A line of the command's answer, on standard output. */
  print(text: string): void;
}

export interface CommandSpec<Options> {
  readonly name: string;
  readonly description: string;
  /** Adds the command's own options and arguments. */
  configure?(command: Command): void;
  /** Validates what was given: options by name, and the arguments as a list under `args`. */
  readonly options: z.ZodType<Options>;
  /** A service ends by itself once the signal is aborted; anything else is ended after a short grace. */
  readonly service?: boolean;
  run(context: CommandContext, options: Options): Promise<void>;
}

export interface Terminal {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export function createProgram(name: string, description: string): Command {
  return new Command(name).description(description).showHelpAfterError(false).showSuggestionAfterError(true);
}

/** Adds a command with the options that all of them have. */
export function addCommand<Options>(program: Command, spec: CommandSpec<Options>, terminal: Terminal = process): void {
  const command = program
    .command(spec.name)
    .description(spec.description)
    .option('-c, --config <path>', 'configuration file (default: winnow.yaml here); paths in it are relative to it')
    .option('-w, --workspace <folder>', 'folder of artifacts, store and log (default: data)');
  spec.configure?.(command);
  command.action(async () => {
    const given: Record<string, unknown> = command.opts();
    await interruptible(spec.service ?? false, terminal, async (signal) => {
      const parsed = spec.options.safeParse({ ...given, args: command.args });
      if (!parsed.success) throw optionError(spec.name, parsed.error);
      const configPath = text(given['config']);
      const workspace = text(given['workspace']);
      const context: CommandContext = {
        configPath,
        workspace,
        loadConfig: () => loadConfig({ config: configPath, workspace }),
        signal,
        stage: createStageRunner({
          stream: terminal.stderr,
          isTTY: terminal.stderr.isTTY === true && terminal.stderr.columns >= 40,
        }),
        print: (line) => terminal.stdout.write(`${line}\n`),
      };
      await spec.run(context, parsed.data);
    });
  });
}

/** Parses the arguments and runs the command. Sets the exit code; never throws. */
export async function runProgram(program: Command, argv: readonly string[], terminal: Terminal = process): Promise<void> {
  // A reader that goes away, such as `head`, ends the program quietly.
  terminal.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    terminal.stderr.write(`${describeFailure(error)}\n`);
    process.exitCode = error instanceof Interrupted ? error.exitCode : 1;
    if (error instanceof Interrupted) process.exit(error.exitCode);
  }
}

/** One line for what a person can act on; the stack of a bug. */
export function describeFailure(error: unknown): string {
  if (error instanceof Interrupted) return error.message;
  if (error instanceof UserError) return `error: ${error.message}`;
  // The operating system's refusals: disk full, permission denied. Its message names the call and the path.
  if (error instanceof Error && 'syscall' in error && 'code' in error) return `error: ${error.message}`;
  return error instanceof Error ? `internal error: ${error.stack ?? error.message}` : `internal error: ${String(error)}`;
}

class Interrupted extends Error {
  readonly exitCode: number;
  constructor(signal: NodeJS.Signals, exitCode: number) {
    super(`stopped by ${signal}; nothing half-written is kept`);
    this.exitCode = exitCode;
  }
}

const GRACE_MS = 3000;

/**
 * Runs the work with a signal that the first SIGINT or SIGTERM aborts. Work that is no service then has a short grace to
 * put its temporary files away; a second signal ends the process at once. Whatever is published is published by a rename,
 * so an end at any point leaves it whole.
 */
async function interruptible(service: boolean, terminal: Terminal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  let interrupt: ((reason: Interrupted) => void) | undefined;
  const interrupted = new Promise<never>((_resolve, reject) => {
    interrupt = reject;
  });
  interrupted.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    const reason = new Interrupted(signal, signal === 'SIGINT' ? 130 : 143);
    if (controller.signal.aborted) process.exit(reason.exitCode);
    controller.abort(reason);
    if (service) return;
    terminal.stderr.write('stopping …\n');
    timer = setTimeout(() => interrupt?.(reason), GRACE_MS);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    await Promise.race([work(controller.signal), interrupted]);
    if (!service && controller.signal.aborted) throw controller.signal.reason;
  } catch (error) {
    throw controller.signal.aborted && !service ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

function optionError(command: string, error: z.ZodError): UserError {
  const issues = error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message }));
  const text = issues.map(({ path, message }) => (path === '' ? message : `--${kebab(path)}: ${message}`)).join('; ');
  return new UserError(`${command}: ${text}`, { issues });
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
