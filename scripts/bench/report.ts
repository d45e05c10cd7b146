import { mkdir, rename, writeFile } from 'node:fs/promises';
import { arch, cpus, loadavg, platform } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../root.ts';

/** A table of figures: what a benchmark prints and what docs/benchmarks/NAME.json keeps. */
export interface BenchReport {
  /** File name of the result, such as `recommend`. */
  readonly name: string;
  readonly title: string;
  /** How it was measured: data, sizes, settings, seeds. */
  readonly setup: Readonly<Record<string, string | number | boolean>>;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
  /** Bars it has to meet, with what came out. */
  readonly checks?: readonly BenchCheck[];
  readonly notes?: readonly string[];
}

export interface BenchCheck {
  readonly what: string;
  readonly expected: string;
  readonly measured: number | string;
  readonly passed: boolean;
}

/** What a module under scripts/bench exports. */
export type Bench = (args: readonly string[]) => Promise<BenchReport>;

const FOLDER = join(ROOT, 'docs', 'benchmarks');

/** Writes docs/benchmarks/NAME.json. @returns its path */
export async function writeReport(report: BenchReport): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  const path = join(FOLDER, `${report.name}.json`);
  const [cpu] = cpus();
  const document = {
    ...report,
    machine: {
      node: process.version,
      platform: platform(),
      arch: arch(),
      cpu: cpu?.model ?? 'unknown',
      cores: cpus().length,
      /** Processes at work, mean of the last minute: well above what the benchmark itself keeps busy, figures are too high. */
      load: rounded(loadavg()[0] ?? Number.NaN),
    },
    measuredAt: new Date().toISOString(),
  };
  await writeFile(`${path}.tmp`, `${JSON.stringify(document, null, 2)}\n`);
  await rename(`${path}.tmp`, path);
  return path;
}

/** The report as plain lines for a terminal. */
export function formatReport(report: BenchReport): string {
  const cells = [report.columns, ...report.rows.map((row) => row.map(cellText))];
  const widths = report.columns.map((_, c) => Math.max(...cells.map((row) => (row[c] ?? '').length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, c) => cell.padEnd(widths[c] ?? 0))
      .join('  ')
      .trimEnd();
  const setup = Object.entries(report.setup)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ');
  const checks = (report.checks ?? []).map(
    ({ what, expected, measured, passed }) => `${passed ? 'met   ' : 'MISSED'}  ${what}: ${measured} (expected ${expected})`,
  );
  const [head = [], ...rows] = cells;
  return [
    report.title,
    setup,
    '',
    line(head),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map(line),
    ...(checks.length === 0 ? [] : ['', ...checks]),
    ...(report.notes ?? []).map((note) => `note: ${note}`),
  ].join('\n');
}

const cellText = (value: string | number | boolean | null): string => (value === null ? '–' : String(value));

/** The value below which a share of the sorted numbers lies. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));
