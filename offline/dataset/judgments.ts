import { join } from 'node:path';
import type { Config } from '../../src/config/schema.ts';
import { idText, isMissing, parseNumber, quote } from '../../src/dataset/values.ts';
import { idProblem } from '../../src/domain/ids.ts';
import type { Cell, Tables } from '../../src/ports/tables.ts';
import { Rejects, unreadable } from './rejects.ts';

/** How well an item answers a query; higher is better, 0 is not at all. */
export interface Judgment {
  readonly query: string;
  readonly item: string;
  readonly grade: number;
}

/**
 * The judgments of the configuration; none where it names no file.
 * @throws UserError where the file is missing or too many of its rows are bad
 */
export async function readJudgments(config: Config, tables: Tables): Promise<readonly Judgment[]> {
  const { judgments: source, maxRejects } = config.dataset;
  if (source === undefined) return [];
  const rejects = new Rejects(source.source, join(config.workspace, 'rejects'), 'judgments', maxRejects);
  try {
    const judgments: Judgment[] = [];
    let rows = 0;
    for await (const batch of tables.read(source.source, [source.query, source.item, source.grade])) {
      rows += batch.rows.length + batch.unreadable.length;
      const bad = batch.unreadable.map(unreadable);
      for (const { line, cells } of batch.rows) {
        const judgment = parseJudgment(cells);
        if (typeof judgment === 'string') bad.push({ line, reason: judgment, row: cells });
        else judgments.push(judgment);
      }
      await rejects.addAll(bad);
    }
    await rejects.finish(rows);
    return judgments;
  } finally {
    await rejects.abandon();
  }
}

function parseJudgment([queryCell, itemCell, gradeCell]: readonly Cell[]): Judgment | string {
  const query = idText(queryCell);
  if (query === undefined || query.trim() === '') return 'the query is missing';
  const item = idText(itemCell);
  if (item === undefined) return 'the item is missing';
  const problem = idProblem(item);
  if (problem !== undefined) return `the item ${problem}`;
  if (isMissing(gradeCell)) return 'the grade is missing';
  const grade = parseNumber(gradeCell);
  if ('reason' in grade || grade.value < 0) return `the grade ${quote(gradeCell)} is not a number from 0`;
  return { query, item, grade: grade.value };
}
