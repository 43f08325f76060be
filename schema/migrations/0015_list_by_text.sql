-- Purpose: lists by text are answered by the search index, which therefore keeps the digits of case numbers, too.
-- Locks: access exclusive on the tables of the search index for an instant. Backfill: the index is emptied and the server builds it
-- anew from the feed, about a minute for a million cases; until it is done searches find less, and lists by text read all cases
-- as they did before.
-- Rollback: drop the column; run wangged reindex.

alter table search_position
    add column generation bigint not null default 0;
comment on column search_position.generation is 'How often the index was emptied: what was read of two generations does not fit together.';

truncate search_slot, search_segment, search_posting;
update search_position set feed_xid = '0', seq = 0, generation = generation + 1;
