import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ENVIRONMENT_VARIABLES } from '../../src/config/environment.ts';

// No container engine is needed here: what can be told from the files is told from the files.
const serviceSchema = z.object({
  image: z.string(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()).optional(), disable: z.boolean().optional() }).optional(),
});
const composeSchema = z.object({ services: z.record(z.string(), serviceSchema), volumes: z.record(z.string(), z.unknown()) });

const compose = composeSchema.parse(parse(await readFile('docker-compose.yml', 'utf8'), { merge: true }));
const services = Object.entries(compose.services);
const brokers = services.filter(([name]) => name.startsWith('kafka-')).map(([, service]) => service.environment ?? {});

describe('docker-compose.yml', () => {
  it('has three brokers of one cluster that keep what they acknowledged', () => {
    expect(brokers.map((broker) => broker['KAFKA_NODE_ID'])).toEqual([1, 2, 3]);
    expect(new Set(brokers.map((broker) => broker['CLUSTER_ID'])).size).toBe(1);
    for (const broker of brokers) {
      expect(broker).toMatchObject({
        KAFKA_DEFAULT_REPLICATION_FACTOR: 3,
        KAFKA_MIN_INSYNC_REPLICAS: 2,
        KAFKA_UNCLEAN_LEADER_ELECTION_ENABLE: 'false',
        KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: 3,
        KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: 3,
        KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://kafka-${broker['KAFKA_NODE_ID']}:9092`,
      });
    }
  });

  it('has no port open to other machines', () => {
    const ports = services.flatMap(([, service]) => service.ports);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('names only volumes, services and files that exist, and versions of images', () => {
    for (const [name, service] of services) {
      expect(service.image, name).toMatch(/:.*\d/);
      for (const needed of Object.keys(service.depends_on))
        expect(compose.services[needed]?.healthcheck, `${name} needs ${needed}`).toBeDefined();
      const sources = service.volumes.map((volume) => volume.replace(/^\$\{[^}]*\}/, '$').split(':')[0] ?? '');
      for (const source of sources) {
        if (source.startsWith('.')) expect(existsSync(source), source).toBe(true);
        else if (source !== '$') expect(Object.keys(compose.volumes)).toContain(source);
      }
    }
  });

  it('sets only variables that the service reads', () => {
    expect(ENVIRONMENT_VARIABLES).toEqual(expect.arrayContaining(Object.keys(compose.services['app']?.environment ?? {})));
  });

  it('lets the durable store refuse writes rather than forget', () => {
    expect(compose.services['redis']?.command).toEqual(expect.arrayContaining(['--appendonly', 'noeviction']));
  });
});

describe('Dockerfile', async () => {
  const text = await readFile('Dockerfile', 'utf8');
  const ignored = (await readFile('.dockerignore', 'utf8')).split('\n');
  const [, last = ''] = text.split(/\nFROM \$\{NODE_IMAGE\}\n/);

  it('copies only what the build context holds', () => {
    const sources = [...text.matchAll(/^COPY (?!--from)(.*)$/gm)].flatMap(([, files = '']) =>
      files.trim().split(/\s+/).slice(0, -1),
    );
    expect(sources.length).toBeGreaterThan(5);
    for (const source of sources) {
      expect(existsSync(source), source).toBe(true);
      expect(ignored).toContain(`!${source.replace(/^\.\//, '')}`);
    }
  });

  it('runs without root, without development tools, and tells whether it is ready', () => {
    expect(last).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
    expect(last).toMatch(/^HEALTHCHECK /m);
    expect(last).not.toMatch(/apt-get|npm (ci|install)/);
    expect(text).toMatch(/npm prune --omit=dev/);
  });
});
