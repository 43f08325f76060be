-- Cases with a helping organ that let its time pass, the longest due first, but those the gate refused lately. $1 now, $2 limit.
-- Index: case_file_co_lapse_idx.
select c.id, c.co_lapse_at as due_at
from case_file c
where c.co_lapse_at < $1::timestamptz
    and not exists (
        select from timer_refusal r
        where r.case_id = c.id and r.action = 42 and r.version = c.version and r.again_at > $1::timestamptz
    )
order by c.co_lapse_at
limit $2::integer
