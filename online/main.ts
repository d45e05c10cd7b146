import { createProgram, runProgram } from '../src/cli/command.ts';
import { addEnricherCommand } from './commands/enricher.ts';
import { addReplayCommand } from './commands/replay.ts';
import { addSchemasCommand } from './commands/schemas.ts';
import { addServeCommand } from './commands/serve.ts';

const program = createProgram('winnow', 'The online service and the event pipeline.');
addServeCommand(program);
addEnricherCommand(program);
addReplayCommand(program);
addSchemasCommand(program);
await runProgram(program, process.argv);
