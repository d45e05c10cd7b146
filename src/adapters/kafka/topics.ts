import type { Admin } from '@platformatic/kafka';
import type { ConfigFile, LoopConfig } from '../../config/schema.ts';
import { UserError } from '../../domain/errors.ts';
import { retentionOf } from '../../loop/retention.ts';
import { TOPICS, type Topic } from '../../ports/eventLog.ts';

export type KafkaLogConfig = Extract<ConfigFile['eventLog'], { kind: 'kafka' }>;

const TOPIC_RESOURCE = 2;

export const topicName = (config: Pick<KafkaLogConfig, 'topicPrefix'>, topic: Topic): string => `${config.topicPrefix}${topic}`;

const DAY = 24 * 60 * 60_000;

/** What the topics have to be like. */
export interface TopicSettings {
  readonly config: KafkaLogConfig;
  readonly retentionDays: LoopConfig['retentionDays'];
}

/**
 * Makes the topics that are missing, with the settings that keep what was acknowledged, and checks those that exist.
 * @throws UserError naming every setting that is weaker than configured, and the command that changes it
 */
export async function ensureTopics(admin: Admin, settings: TopicSettings): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const problems: string[] = [];
  for (const topic of TOPICS) if (!existing.has(topicName(settings.config, topic))) await create(admin, settings, topic);
  for (const topic of TOPICS) problems.push(...(await weaknesses(admin, settings, topic)));
  if (problems.length > 0) throw new UserError(`Kafka topics would lose what was acknowledged: ${problems.join('; ')}`);
}

async function create(admin: Admin, { config, retentionDays }: TopicSettings, topic: Topic): Promise<void> {
  try {
    await admin.createTopics({
      topics: [topicName(config, topic)],
      partitions: config.partitions,
      replicas: config.replicationFactor,
      configs: [
        { name: 'min.insync.replicas', value: String(config.minInsyncReplicas) },
        { name: 'unclean.leader.election.enable', value: 'false' },
        { name: 'retention.ms', value: String(Math.round(retentionOf(retentionDays, topic) ?? -1)) },
        // Every record has a key of its own, so compaction takes out only what a tombstone names.
        { name: 'cleanup.policy', value: 'compact,delete' },
        { name: 'min.cleanable.dirty.ratio', value: '0.9' },
        { name: 'max.compaction.lag.ms', value: String(Math.round(config.erasureDays * DAY)) },
      ],
    });
  } catch (error) {
    // Another process made it at the same time, or the broker that was asked had not heard of it yet.
    const only = error instanceof AggregateError && error.errors.every((each) => each?.apiId === 'TOPIC_ALREADY_EXISTS');
    if (!only) throw error;
  }
}

async function weaknesses(admin: Admin, { config, retentionDays }: TopicSettings, topic: Topic): Promise<string[]> {
  const name = topicName(config, topic);
  const found: string[] = [];
  const metadata = await admin.metadata({ topics: [name], forceUpdate: true });
  const replicas = Math.min(...(metadata.topics.get(name)?.partitions ?? []).map((partition) => partition.replicas.length));
  if (replicas < config.replicationFactor) {
    found.push(`${name} has ${replicas} replicas, expected ${config.replicationFactor} (kafka-reassign-partitions)`);
  }
  const [described] = await admin.describeConfigs({ resources: [{ resourceType: TOPIC_RESOURCE, resourceName: name }] });
  const settings = new Map(described?.configs.map((setting) => [setting.name, setting.value]));
  const expect = (holds: boolean, is: string, setting: string): void => {
    if (holds) return;
    const change = `kafka-configs --alter --entity-type topics --entity-name ${name} --add-config '${setting}'`;
    found.push(`${name} has ${is}, expected ${setting} (${change})`);
  };
  const insync = Number(settings.get('min.insync.replicas') ?? 1);
  expect(insync >= config.minInsyncReplicas, `min.insync.replicas=${insync}`, `min.insync.replicas=${config.minInsyncReplicas}`);
  const unclean = settings.get('unclean.leader.election.enable');
  expect(unclean !== 'true', 'unclean leader election', 'unclean.leader.election.enable=false');
  const policy = settings.get('cleanup.policy') ?? 'delete';
  expect(policy.includes('compact'), `cleanup.policy=${policy}, which keeps erased records`, 'cleanup.policy=[compact,delete]');
  const retention = Number(settings.get('retention.ms') ?? -1);
  const wanted = Math.round(retentionOf(retentionDays, topic) ?? -1);
  const isLongEnough = retention === -1 || (wanted !== -1 && retention >= wanted);
  expect(!policy.includes('delete') || isLongEnough, `retention.ms=${retention}`, `retention.ms=${wanted}`);
  return found;
}
