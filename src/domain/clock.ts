/** Milliseconds since the epoch. Passed as an argument wherever time matters, so that a replay can set it. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();
