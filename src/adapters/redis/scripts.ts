/**
 * KEYS: sequence, watermark, then keys to set, then keys to delete.
 * ARGV: next offset, expected sequence or '', number of keys to set, then their values.
 * Answers 1 when it was applied.
 */
export const COMMIT = `
if ARGV[2] ~= '' and (redis.call('GET', KEYS[1]) or '0') ~= ARGV[2] then return 0 end
if tonumber(ARGV[1]) <= tonumber(redis.call('GET', KEYS[2]) or '0') then return 0 end
local puts = tonumber(ARGV[3])
for i = 1, puts do redis.call('SET', KEYS[2 + i], ARGV[3 + i]) end
for i = 3 + puts, #KEYS do redis.call('DEL', KEYS[i]) end
redis.call('SET', KEYS[2], ARGV[1])
redis.call('INCR', KEYS[1])
return 1`;

/** KEYS: the value's. ARGV: the new value, the expected one or '' for none. Answers 1 when it was set. */
export const COMPARE_AND_SET = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return 1`;
