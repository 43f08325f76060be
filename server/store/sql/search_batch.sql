-- The next $1 events of the feed below the snapshot horizon that are not in the search index yet: one row a case that they change
-- in it, as the case is now, or a single row without a case. Index: case_event_feed_idx.
with batch as materialized (
    select e.feed_xid, e.seq, e.case_id, search_matters(e) as matters
    from case_event e
    where (e.feed_xid, e.seq) > ((select p.feed_xid from search_position p), (select p.seq from search_position p))
        and e.feed_xid < pg_snapshot_xmin(pg_current_snapshot())
    order by e.feed_xid, e.seq
    limit $1::integer
),
last as (
    select p.feed_xid as was_xid, p.seq as was_seq, b.feed_xid, b.seq, (select count(*)::integer from batch) as events
    from search_position p
    cross join (select feed_xid, seq from batch order by feed_xid desc, seq desc limit 1) b
)
select
    l.was_xid::text as was_xid, l.was_seq, l.feed_xid::text as now_xid, l.seq as now_seq, l.events,
    c.id, c.number, c.grid_code, c.category_id, c.organ_id, array_to_string(c.co_organ_ids, ',') as co_organs, c.cohort_day,
    c.state <= 9 as open, c.description, c.address, s.segment, s.slot
from last l
left join (select distinct case_id from batch where matters) b on true
left join case_file c on c.id = b.case_id
left join search_slot s on s.case_id = c.id
order by c.cohort_day, c.id
