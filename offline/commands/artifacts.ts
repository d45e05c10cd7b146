import { z } from 'zod';
import type { CommandSpec } from '../../src/cli/command.ts';
import { UserError } from '../../src/domain/errors.ts';
import type { ArtifactStore } from '../../src/ports/artifactStore.ts';
import { exportArtifact } from '../exportArtifact.ts';

const optionsSchema = z.object({ args: z.array(z.string()), to: z.string().optional() });

/** `artifacts list | promote V | rollback | export [V] --to FOLDER`: what was published, which of it serves, and its models for others. */
export function artifactsCommand(
  open: (workspace: string | undefined) => Promise<ArtifactStore>,
): CommandSpec<z.infer<typeof optionsSchema>> {
  return {
    name: 'artifacts',
    description: 'list what was published, promote a version, roll back to the one before, or export the models of one',
    configure: (command) => {
      command
        .argument('<action>', 'list, promote, rollback or export')
        .argument('[version]', 'the version to promote, or to export if not the one that serves')
        .option('--to <folder>', 'where an export goes: SavedModels and NumPy matrices');
    },
    options: optionsSchema,
    async run({ workspace, print }, { args, to }) {
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
      if (action === 'export') {
        const chosen = version ?? (await artifacts.current());
        if (chosen === undefined) throw new UserError('artifacts export: nothing was published yet');
        if (to === undefined) throw new UserError('artifacts export: say where to, as in "--to FOLDER"');
        for (const path of await exportArtifact(await artifacts.open(chosen), to)) print(path);
        return;
      }
      throw new UserError(`artifacts: "${action}" is not an action; expected list, promote, rollback or export`);
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
