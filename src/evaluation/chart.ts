import type { EvaluationReport } from './report.ts';

const BAR = 22;
const LABEL = 170;
const WIDTH = 460;

/** The report as a picture: NDCG@10 of each system as a bar with its 95 % interval. Plain SVG, so that any viewer opens it. */
export function reportChart(report: EvaluationReport): string {
  const most = Math.max(1e-9, ...report.systems.map((system) => system.metrics['NDCG@10'].high));
  const x = (value: number): number => LABEL + (value / most) * WIDTH;
  const bars = report.systems.map((system, i) => {
    const { mean, low, high } = system.metrics['NDCG@10'];
    const y = 40 + i * (BAR + 10);
    const middle = y + BAR / 2;
    return [
      `<text x="${LABEL - 8}" y="${middle + 4}" text-anchor="end">${xml(system.name)}</text>`,
      `<rect x="${LABEL}" y="${y}" width="${(x(mean) - LABEL).toFixed(1)}" height="${BAR}" fill="${i === 0 ? '#2563eb' : '#94a3b8'}"/>`,
      `<path d="M${x(low).toFixed(1)} ${middle}H${x(high).toFixed(1)}" stroke="#111" stroke-width="1.5"/>`,
      `<text x="${(x(high) + 8).toFixed(1)}" y="${middle + 4}">${mean.toFixed(4)}</text>`,
    ].join('');
  });
  const height = 50 + report.systems.length * (BAR + 10);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LABEL + WIDTH + 80} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="12" y="22" font-weight="bold">NDCG@10 with 95 % intervals: ${xml(report.window)}, ${report.moments} moments</text>`,
    ...bars,
    '</svg>',
  ].join('\n');
}

const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
