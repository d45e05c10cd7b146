import type { RankingFeature } from '../feature.ts';

/** Kinds of devices told apart by name; any other is of no kind. */
const DEVICES: readonly string[] = ['desktop', 'mobile', 'tablet', 'tv'];

/** The request's own circumstances: the hour as a point on the clock's circle, and the device. 0 where unknown. */
export function requestContext(): RankingFeature {
  return {
    name: 'context',
    version: 1,
    columns: ['context.hourSin', 'context.hourCos', ...DEVICES.map((device) => `context.${device}`)],
    sources: ['request'],
    write: ({ size, query }, out, offset, stride) => {
      const { hour, device } = query.context;
      const angle = typeof hour === 'number' && Number.isFinite(hour) ? (hour / 24) * 2 * Math.PI : undefined;
      const place = typeof device === 'string' ? DEVICES.indexOf(device) : -1;
      for (let i = 0; i < size; i++) {
        const at = i * stride + offset;
        if (angle !== undefined) {
          out[at] = Math.sin(angle);
          out[at + 1] = Math.cos(angle);
        }
        if (place >= 0) out[at + 2 + place] = 1;
      }
    },
  };
}
