-- Closed cases to be archived, the longest due first, but those the gate refused lately. $1 now, $2 limit, $3 closed by then,
-- $4 revisited and untouched since then. Indexes: case_file_closed_idx, case_file_revisited_idx.
select d.id, min(d.due_at) as due_at
from (
    (
        select c.id, c.closed_at + ($1::timestamptz - $3::timestamptz) as due_at
        from case_file c
        where c.state = 10 and c.closed_at <= $3::timestamptz
            and not exists (
                select from timer_refusal r
                where r.case_id = c.id and r.action = 26 and r.version = c.version and r.again_at > $1::timestamptz
            )
        order by c.closed_at
        limit $2::integer
    )
    union all
    (
        select c.id, c.last_event_at + ($1::timestamptz - $4::timestamptz)
        from case_file c
        where c.state = 10 and c.flags & 128 <> 0 and c.last_event_at <= $4::timestamptz
            and not exists (
                select from timer_refusal r
                where r.case_id = c.id and r.action = 26 and r.version = c.version and r.again_at > $1::timestamptz
            )
        order by c.last_event_at
        limit $2::integer
    )
) d
group by d.id
order by 2
limit $2::integer
