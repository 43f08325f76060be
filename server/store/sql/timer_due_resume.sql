-- Suspended cases whose day has come, the longest due first, but those the gate refused lately. $1 now, $2 limit.
-- Index: case_file_suspended_idx.
select c.id, c.suspended_until as due_at
from case_file c
where c.state = 6 and c.suspended_until <= $1::timestamptz
    and not exists (
        select from timer_refusal r
        where r.case_id = c.id and r.action = 16 and r.version = c.version and r.again_at > $1::timestamptz
    )
order by c.suspended_until
limit $2::integer
