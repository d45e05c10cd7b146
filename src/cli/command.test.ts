import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { plainRunner } from './stages.ts';

/** Commands that do what real ones do, run as a process of their own. */
const PROGRAM = `
import { z } from 'zod';
import { addCommand, createProgram, runProgram } from './command.ts';
import { UserError } from '../domain/errors.ts';
const program = createProgram('test', 'Commands for a test.');
const options = z.object({ epochs: z.coerce.number({ error: 'expected a number' }).optional() });
const add = (name, run, service = false) =>
  addCommand(program, { name, description: 'Does ' + name, options, service, configure: (c) => { c.option('--epochs <n>', 'passes'); }, run });
const wait = (ms, signal) => new Promise((resolve) => { const t = setTimeout(resolve, ms); signal?.addEventListener('abort', () => { clearTimeout(t); resolve(); }); });
add('good', async ({ print, stage }, { epochs }) => {
  await stage('Train', async (progress) => { progress.note('natively'); progress.update(1, 2); return 'ran'; });
  print('epochs ' + epochs);
});
add('bad', async () => { throw new UserError('items.csv: there is no such file'); });
add('bug', async () => { throw new TypeError('x is not a function'); });
add('config', async ({ loadConfig, print }) => print((await loadConfig()).root));
add('slow', async () => { console.log('begun'); await wait(20000); });
add('tidy', async ({ signal }) => { console.log('begun'); await wait(20000, signal); console.error('tidied'); });
add('service', async ({ signal }) => { console.log('begun'); await wait(20000, signal); console.error('drained'); }, true);
await runProgram(program, process.argv);
`;
const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

describe('commands', () => {
  let program = '';
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'winnow-cli-'));
    program = join(folder, 'program.mjs');
    const text = PROGRAM.replaceAll("'./", `'${here}`)
      .replaceAll("'../", `'${join(here, '..')}/`)
      .replace("'zod'", `'${root}node_modules/zod/index.js'`);
    await writeFile(program, text);
  });
  const run = async (args: string[], signals: NodeJS.Signals[] = []) => {
    const child = spawn(process.execPath, ['--import', `${root}node_modules/tsx/dist/esm/index.mjs`, program, ...args], {
      cwd: folder,
    });
    let [stdout, stderr] = ['', ''];
    const toSend = [...signals];
    child.stdout.on('data', (data) => {
      stdout += String(data);
      const signal = stdout.includes('begun') ? toSend.shift() : undefined;
      if (signal !== undefined) child.kill(signal);
    });
    child.stderr.on('data', (data) => {
      stderr += String(data);
      const signal = String(data).includes('stopping') ? toSend.shift() : undefined;
      if (signal !== undefined) child.kill(signal);
    });
    const [code] = await once(child, 'close');
    return { code, stdout, stderr };
  };

  it('print their answer, and their progress as plain lines apart from it', async () => {
    const { code, stdout, stderr } = await run(['good', '--epochs', '3']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'epochs 3\n' });
    expect(stderr).toMatch(/^Train …\nTrain: natively\nTrain: done in [\d.]+ s\n$/);
  });

  it.each([
    [['bad'], 'error: items.csv: there is no such file\n'],
    [['good', '--epochs', 'many'], 'error: good: --epochs: expected a number\n'],
    [['config'], /^error: no winnow\.yaml here \(.*\): name one with --config, or make one with: npm run init .*\n$/],
    [['config', '--config', 'x.yaml'], 'error: x.yaml: there is no such file\n'],
    [['good', '--epoch', '3'], "error: unknown option '--epoch'\n(Did you mean --epochs?)\n"],
    [['godo'], "error: unknown command 'godo'\n(Did you mean good?)\n"],
  ])('say in a line what is wrong, and exit 1: %j', async (args, message) => {
    const { code, stderr } = await run(args);
    expect(code).toBe(1);
    if (typeof message === 'string') expect(stderr).toBe(message);
    else expect(stderr).toMatch(message);
  });

  it('show the stack of a bug', async () => {
    const { code, stderr } = await run(['bug']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^internal error: TypeError: x is not a function\n {4}at /);
  });

  it('help, with the options that all have', async () => {
    const { code, stdout } = await run(['good', '--help']);
    expect(code).toBe(0);
    for (const option of ['--config', '--workspace', '--epochs', '--help']) expect(stdout).toContain(option);
  });

  it('end soon when they are interrupted, at once the second time', async () => {
    expect(await run(['slow'], ['SIGINT'])).toMatchObject({ code: 130, stderr: expect.stringContaining('nothing half-written') });
    expect((await run(['slow'], ['SIGTERM', 'SIGTERM'])).code).toBe(143);
    expect(await run(['tidy'], ['SIGTERM'])).toMatchObject({ code: 143, stderr: expect.stringContaining('tidied') });
  });

  it('of a service end well once it has drained', async () => {
    expect(await run(['service'], ['SIGTERM'])).toMatchObject({ code: 0, stderr: 'drained\n' });
  });
});

describe('plainRunner', () => {
  it('bounds how often it tells of progress', async () => {
    const lines: string[] = [];
    let now = 0;
    const stage = plainRunner(
      (line) => lines.push(line),
      1000,
      () => now,
    );
    await stage('Train', async ({ update }) => {
      for (let i = 0; i < 100; i++) {
        now += 50;
        update(i, 100, `loss ${i}`);
      }
      return 'ran';
    });
    expect(lines).toEqual([
      'Train …',
      'Train: 19 %, loss 19',
      'Train: 39 %, loss 39',
      'Train: 59 %, loss 59',
      'Train: 79 %, loss 79',
      'Train: 99 %, loss 99',
      'Train: done in 5.0 s',
    ]);
  });
});
