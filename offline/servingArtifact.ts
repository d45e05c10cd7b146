import type { Manifest } from '../src/artifacts/manifest.ts';
import { UserError } from '../src/domain/errors.ts';
import type { ArtifactStore, ManifestDraft } from '../src/ports/artifactStore.ts';
import type { StageOutcome } from './stageGraph.ts';

export interface ServingArtifact {
  readonly manifest: Manifest;
  readonly folder: string;
  /** What a version that follows it says, but for what is new in it. */
  readonly next: ManifestDraft;
  /** Its folder, as the output of the stages that made it. */
  readonly given: readonly StageOutcome[];
}

/** The artifact that serves, for a ranker to be trained for it. @throws UserError where none does yet */
export async function openServing(artifacts: ArtifactStore, stages: readonly string[]): Promise<ServingArtifact> {
  const current = await artifacts.current();
  if (current === undefined) throw new UserError('there is no artifact to train a ranker for: run "npm run build-index" first');
  const { manifest, folder } = await artifacts.open(current);
  const { version, createdAt: _createdAt, files: _files, ...rest } = manifest;
  const given = stages.map((name) => ({ name, fingerprint: manifest.inputs.retrieval, folder, ran: false }));
  return { manifest, folder, next: { ...rest, parent: version }, given };
}
