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

/**
 * A commit on a cluster becomes true here; its effects on entities follow from the journal.
 * KEYS: sequence, watermark, pending, then metadata to set.
 * ARGV: next offset, expected sequence or '', the journal's name or '' for none, then the metadata's values.
 * Answers the commit's number; 0 when it was not made; -1 when the effects of the one before have to be seen to first.
 */
export const BEGIN = `
if redis.call('EXISTS', KEYS[3]) == 1 then return -1 end
if ARGV[2] ~= '' and (redis.call('GET', KEYS[1]) or '0') ~= ARGV[2] then return 0 end
if tonumber(ARGV[1]) <= tonumber(redis.call('GET', KEYS[2]) or '0') then return 0 end
for i = 4, #KEYS do redis.call('SET', KEYS[i], ARGV[i]) end
redis.call('SET', KEYS[2], ARGV[1])
local number = redis.call('INCR', KEYS[1])
if ARGV[3] ~= '' then redis.call('SET', KEYS[3], number .. ' ' .. ARGV[3]) end
return number`;

/**
 * One entity's part of a commit, unless a later one has been here: what is stored starts with its commit's number.
 * KEYS: the entity's. ARGV: the commit's number, the state or '' where it is deleted, and for how many seconds a deleted entity
 * remembers by which commit.
 */
export const APPLY = `
local before = tonumber(string.match(redis.call('GETRANGE', KEYS[1], 0, 20), '^%d+') or '0')
if before > tonumber(ARGV[1]) then return 0 end
if ARGV[2] == '' then redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[3])
else redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2]) end
return 1`;

/** KEYS: pending. ARGV: what it says if it is still this commit's. */
export const FINISH = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`;
