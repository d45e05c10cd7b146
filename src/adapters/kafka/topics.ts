import type { Admin } from '@platformatic/kafka';
import type { ConfigFile } from '../../config/schema.ts';
import { UserError } from '../../domain/errors.ts';
import { TOPICS, type Topic } from '../../ports/eventLog.ts';

export type KafkaLogConfig = Extract<ConfigFile['eventLog'], { kind: 'kafka' }>;

const TOPIC_RESOURCE = 2;

export const topicName = (config: Pick<KafkaLogConfig, 'topicPrefix'>, topic: Topic): string => `${config.topicPrefix}${topic}`;

/**
 * Makes the topics that are missing, with the settings that keep what was acknowledged, and checks those that exist.
 * @throws UserError naming every setting that is weaker than configured, and the command that changes it
 */
export async function ensureTopics(admin: Admin, config: KafkaLogConfig): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const names = TOPICS.map((topic) => topicName(config, topic));
  const missing = names.filter((name) => !existing.has(name));
  if (missing.length > 0) {
    await create(admin, config, missing);
  }
  const problems: string[] = [];
  for (const name of names) problems.push(...(await weaknesses(admin, config, name)));
  if (problems.length > 0) throw new UserError(`Kafka topics would lose what was acknowledged: ${problems.join('; ')}`);
}

async function create(admin: Admin, config: KafkaLogConfig, topics: string[]): Promise<void> {
  try {
    await admin.createTopics({
      topics,
      partitions: config.partitions,
      replicas: config.replicationFactor,
      configs: [
        { name: 'min.insync.replicas', value: String(config.minInsyncReplicas) },
        { name: 'unclean.leader.election.enable', value: 'false' },
        // The log is the record from which everything can be made again: it goes when `loop.retentionDays` says so.
        { name: 'retention.ms', value: '-1' },
      ],
    });
  } catch (error) {
    // Another process made some at the same time, or the broker that was asked had not heard of them yet.
    const only = error instanceof AggregateError && error.errors.every((each) => each?.apiId === 'TOPIC_ALREADY_EXISTS');
    if (!only) throw error;
  }
}

async function weaknesses(admin: Admin, config: KafkaLogConfig, name: string): Promise<string[]> {
  const found: string[] = [];
  const metadata = await admin.metadata({ topics: [name], forceUpdate: true });
  const replicas = Math.min(...(metadata.topics.get(name)?.partitions ?? []).map((partition) => partition.replicas.length));
  if (replicas < config.replicationFactor) {
    found.push(`${name} has ${replicas} replicas, expected ${config.replicationFactor} (kafka-reassign-partitions)`);
  }
  const [described] = await admin.describeConfigs({ resources: [{ resourceType: TOPIC_RESOURCE, resourceName: name }] });
  const settings = new Map(described?.configs.map((setting) => [setting.name, setting.value]));
  const change = (setting: string): string =>
    `kafka-configs --alter --entity-type topics --entity-name ${name} --add-config ${setting}`;
  const insync = Number(settings.get('min.insync.replicas') ?? 1);
  if (insync < config.minInsyncReplicas) {
    const wanted = `min.insync.replicas=${config.minInsyncReplicas}`;
    found.push(`${name} has min.insync.replicas=${insync}, expected ${config.minInsyncReplicas} (${change(wanted)})`);
  }
  if (settings.get('unclean.leader.election.enable') === 'true') {
    found.push(`${name} allows unclean leader election (${change('unclean.leader.election.enable=false')})`);
  }
  return found;
}
