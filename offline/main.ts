import { addCommand, createProgram, runProgram } from '../src/cli/command.ts';
import { openArtifacts } from '../src/compose.ts';
import { artifactsCommand } from './commands/artifacts.ts';
import { buildIndexCommand, pipelineCommand, trainRankerCommand } from './commands/build.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { importFormatCommand } from './commands/importFormat.ts';
import { initCommand } from './commands/init.ts';
import { tuneCommand } from './commands/tune.ts';
import { withBuild, withBuildResources, withTables } from './compose.ts';

const program = createProgram('winnow', 'The offline half: from data to published models.');
addCommand(program, initCommand(withTables));
addCommand(program, importFormatCommand());
addCommand(program, buildIndexCommand(withBuild));
addCommand(program, trainRankerCommand(withBuild));
addCommand(program, pipelineCommand(withBuild));
addCommand(program, evaluateCommand(withBuildResources));
addCommand(program, tuneCommand(withBuild));
addCommand(
  program,
  artifactsCommand((workspace) => openArtifacts(workspace ?? 'data')),
);
await runProgram(program, process.argv);
