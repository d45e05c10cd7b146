import { type ChildProcess, spawn } from 'node:child_process';

export interface Demo {
  readonly url: string;
  /** What it printed until it was ready. */
  readonly output: string;
  stop(): Promise<number | null>;
}

/**
 * Runs `npm run demo` as a person would, on a workspace of its own and a free port.
 * @throws Error with what it printed, when it ends before it prints the link
 */
export function startDemo(workspace: string): Promise<Demo> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/demo.ts', '--workspace', workspace, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const url = /The playground:\s+(http:\/\/\S+?)\/\s/.exec(output)?.[1];
      if (url !== undefined) resolve({ url, output, stop: () => stop(child) });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', (code) => reject(new Error(`the demo ended with ${code}:\n${output}`)));
  });
}

function stop(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve(child.exitCode);
    child.on('exit', resolve);
    child.kill('SIGTERM');
  });
}
