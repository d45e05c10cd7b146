/** NDCG@k with gain 2^grade − 1 and discount log2(rank + 1); what is not judged counts 0. */
export function ndcg(ranked: readonly string[], grades: ReadonlyMap<string, number>, k: number): number {
  const gain = (grade: number, i: number): number => (2 ** grade - 1) / Math.log2(i + 2);
  const sum = (list: readonly number[]): number => list.slice(0, k).reduce((total, grade, i) => total + gain(grade, i), 0);
  const ideal = sum([...grades.values()].sort((a, b) => b - a));
  return ideal === 0 ? 0 : sum(ranked.map((id) => grades.get(id) ?? 0)) / ideal;
}

/** Share of what is judged with a grade of at least one that is among the first k. */
export function recall(ranked: readonly string[], grades: ReadonlyMap<string, number>, k: number): number {
  const relevant = [...grades].filter(([, grade]) => grade >= 1).map(([id]) => id);
  const found = new Set(ranked.slice(0, k));
  return relevant.length === 0 ? 0 : relevant.filter((id) => found.has(id)).length / relevant.length;
}

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
