import { z } from 'zod';
import type { CommandSpec } from '../../src/cli/command.ts';
import { UserError } from '../../src/domain/errors.ts';
import type { ArtifactStore } from '../../src/ports/artifactStore.ts';

const optionsSchema = z.object({ args: z.array(z.string()) });

/** `artifacts list | promote V | rollback`: what was published, and which of it serves. */
export function artifactsCommand(
  open: (workspace: string | undefined) => Promise<ArtifactStore>,
): CommandSpec<z.infer<typeof optionsSchema>> {
  return {
    name: 'artifacts',
    description: 'list what was published, promote a version, or roll back to the one before',
    configure: (command) => {
      command.argument('<action>', 'list, promote or rollback').argument('[version]', 'the version to promote');
    },
    options: optionsSchema,
    async run({ workspace, print }, { args }) {
      const [action, version] = args;
      const artifacts = await open(workspace);
      if (action === 'list') return list(artifacts, print);
      if (action === 'rollback') return print(`serving ${await artifacts.rollback()}`);
      if (action === 'promote') {
        if (version === undefined) throw new UserError('artifacts promote: say which version, as "artifacts list" names them');
        await artifacts.open(version);
        await artifacts.promote(version);
        return print(`serving ${version}`);
      }
      throw new UserError(`artifacts: "${action}" is not an action; expected list, promote or rollback`);
    },
  };
}

async function list(artifacts: ArtifactStore, print: (text: string) => void): Promise<void> {
  const current = await artifacts.current();
  const manifests = await artifacts.list();
  if (manifests.length === 0) print('nothing was published yet');
  for (const { version, counts, ranker, metrics } of manifests) {
    const ndcg = metrics['validation.ndcg@10'];
    const quality = ndcg === undefined ? '' : `, validation NDCG@10 ${ndcg.toFixed(4)}`;
    print(
      `${version === current ? '*' : ' '} ${version}  ${counts.items} items, ${counts.actions} actions, ${ranker?.id ?? 'no ranker'}${quality}`,
    );
  }
}
