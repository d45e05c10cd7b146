import type { Estimate } from './bootstrap.ts';
import { type EvaluationReport, METRICS } from './report.ts';

const withInterval = ({ mean, low, high }: Estimate): string => `${mean.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]`;

/** The report as lines for a terminal: a row for each system, 95 % intervals in brackets. */
export function reportTable(report: EvaluationReport): string[] {
  const head = ['', ...METRICS, 'coverage', 'novelty', 'popularity bias'];
  const rows = report.systems.map((system) => [
    system.name,
    ...METRICS.map((metric) => withInterval(system.metrics[metric])),
    system.coverage.toFixed(3),
    system.novelty.toFixed(2),
    system.popularityBias.toFixed(2),
  ]);
  const widths = head.map((_, c) => Math.max(...[head, ...rows].map((row) => row[c]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, c) => cell.padEnd(widths[c]!))
      .join('  ')
      .trimEnd();
  return [
    `${report.moments} moments: ${report.window}; all items ranked, seen ones excluded; 95 % intervals by bootstrap`,
    line(head),
    ...rows.map(line),
    ...report.differences.map(
      ({ against, ndcg }) =>
        `NDCG@10 against ${against}: ${ndcg.mean >= 0 ? '+' : ''}${ndcg.mean.toFixed(4)} [${ndcg.low.toFixed(4)}, ${ndcg.high.toFixed(4)}], p ${ndcg.pValue.toFixed(3)}`,
    ),
  ];
}
