-- The events after the last one turned into notices, below the snapshot horizon, with what the rules of server/domain/notice.c ask
-- for. Of the events that can make none only the last of the page is returned: how far the page goes. $1 limit.
-- Imported histories are nobody's news. Indexes: case_event_feed_idx, case_file_pkey, case_event_pkey.
with pos as materialized (
    select feed_xid, seq from notice_position
),
page as materialized (
    select
        e.feed_xid, e.seq, e.case_id, e.version, e.arrived_at, e.action, e.from_state, e.to_state, e.organ_id, e.actor_id,
        e.actor_role, e.actor_name, e.actor_organ_id, e.receiver, e.imported, e.approval, e.level
    from case_event e
    -- Values and no join: so the index is entered at the position.
    where (e.feed_xid, e.seq) > ((select feed_xid from pos), (select seq from pos))
        and e.feed_xid < pg_snapshot_xmin(pg_current_snapshot())
    order by e.feed_xid, e.seq
    limit $1::integer
),
picked as (
    select
        p.*,
        row_number() over (order by p.feed_xid, p.seq) = (select count(*) from page) as is_last
    from page p
)
select
    (select feed_xid::text from pos) as pos_xid,
    (select seq from pos) as pos_seq,
    (select count(*) from page) as n_page,
    p.feed_xid::text as feed_xid, p.seq, p.is_last, p.case_id, p.version, p.arrived_at, p.action, p.from_state, p.to_state,
    p.imported, p.organ_id, r.id as receiver_id, p.actor_id, p.actor_role, c.reporter_id, coalesce(nullif(p.level, 0), c.level) as level, c.grid_code,
    -- Of a dispatch: the co-organs it named, which are those there are now less what came later.
    case
        when p.action = 9 and not exists (
            select from case_event q where q.case_id = p.case_id and q.version > p.version and q.action = 9
        ) then array_to_string(
            array(
                select unnest(c.co_organ_ids)
                except
                select o.id
                from case_event q
                join organ o on o.code = q.receiver
                where q.case_id = p.case_id and q.version > p.version and q.action = 10
            ),
            ','
        )
    end as co_organs,
    a.actor_id as asked_by, a.actor_role as asked_role, a.action as asked_action, p.actor_name, p.actor_organ_id,
    -- Of a transfer: the colleague its receiver names, unless it is the organ.
    case when p.action = 13 and p.receiver ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then p.receiver::uuid end as assignee
from picked p
join case_file c on c.id = p.case_id
left join organ r on p.action = 10 and r.code = p.receiver
-- The step it answers: the latest one before it of those that can be answered by it.
left join lateral (
    select q.actor_id, q.actor_role, q.action
    from case_event q
    where q.case_id = p.case_id and q.version < p.version
        and (
            (p.action = 5 and q.action = 4) or (p.action = 20 and q.action = 19) or (p.action = 43 and q.action = 34)
            or (p.action = 14 and q.action = 37) or (p.action = 15 and q.action = 38) or (p.action in (28, 29) and q.action = 27)
            or (p.action = 41 and q.action = 35)
            or (p.action in (39, 40) and q.action in (27, 35, 37, 38) and q.approval = p.approval)
        )
    order by q.version desc
    limit 1
) a on p.action in (5, 14, 15, 20, 28, 29, 39, 40, 41, 43)
where p.is_last or (not p.imported and p.action not in (1, 2, 3, 6, 11, 24, 26, 31, 32, 36))
order by p.feed_xid, p.seq
