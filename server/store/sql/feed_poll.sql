-- The feed after a cursor, below the snapshot horizon: nothing can appear before these later. $1 $2 cursor, $3 limit.
-- Index: case_event_feed_idx.
select
    :event_columns,
    e.feed_xid::text as feed_xid, e.seq, c.number, e.grid_code, e.organ_id, c.reporter_id, e.prev_organ_id, c.source_id,
    array_to_string(c.co_organ_ids, ',') as co_organs, c.flags
from case_event e
join case_file c on c.id = e.case_id
where (e.feed_xid, e.seq) > ($1::text::xid8, $2::bigint) and e.feed_xid < pg_snapshot_xmin(pg_current_snapshot())
order by e.feed_xid, e.seq
limit $3::integer
