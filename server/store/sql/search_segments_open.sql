-- The newest segment of each month in $1. Index: search_segment_pkey.
select s.segment, s.slots, s.days
from unnest($1::integer[]) m (month)
cross join lateral (
    select x.segment, x.slots, x.days
    from search_segment x
    where x.segment >= m.month * 1024 and x.segment < (m.month + 1) * 1024
    order by x.segment desc
    limit 1
) s
