import { createProgram, runProgram } from '../src/cli/command.ts';
import { addServeCommand } from './commands/serve.ts';

const program = createProgram('winnow', 'The online service and the event pipeline.');
addServeCommand(program);
await runProgram(program, process.argv);
