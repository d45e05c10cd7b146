import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createMetrics } from '../../src/metrics/metrics.ts';

const run = promisify(execFile);
const rulesSchema = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string(), expr: z.string() })) })),
});
const testsSchema = z.object({
  tests: z.array(z.object({ alert_rule_test: z.array(z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()) })) })),
});

const rules = rulesSchema
  .parse(parse(await readFile('deploy/prometheus/winnow.rules.yml', 'utf8')))
  .groups.flatMap((group) => group.rules);

describe('alert rules', () => {
  it('pass promtool, each behaving as its test says', async () => {
    const { stdout } = await run('bash', ['scripts/services/prometheus.sh', 'check']);
    expect(stdout).toContain(`${rules.length} rules found`);
    expect(stdout).not.toContain('FAILED');
  });

  it('all have a case in which they fire', async () => {
    const { tests } = testsSchema.parse(parse(await readFile('deploy/prometheus/winnow.test.yml', 'utf8')));
    const firing = tests
      .flatMap((test) => test.alert_rule_test)
      .filter((test) => test.exp_alerts.length > 0)
      .map((test) => test.alertname);
    expect([...new Set(firing)].sort()).toEqual(rules.map((rule) => rule.alert).sort());
  });

  it('read only metrics that the service has', () => {
    const { registry } = createMetrics({ defaults: false });
    const read = rules.flatMap((rule) => rule.expr.match(/\bwinnow_\w+/g) ?? []);
    expect(read.filter((name) => registry.getSingleMetric(name.replace(/_(bucket|count)$/, '')) === undefined)).toEqual([]);
  });

  it('are all in the guide for those who get them', async () => {
    const guide = await readFile('docs/production.md', 'utf8');
    expect(rules.map((rule) => rule.alert).filter((alert) => !guide.includes(`\`${alert}\``))).toEqual([]);
  });
});
