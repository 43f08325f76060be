-- Stages of cases as pairs of instants: 1 report to acceptance, 2 acceptance (or return, or reopening) to dispatch, 3 dispatch to
-- feedback, 4 check ordered to answered, 5 report to closing of what was not settled on the spot. By the times at which things happened.
-- $1 $2 region interval, $3 $4 cohort days [from, to), $5 as-of, $6 category ids or null, $7 organ id or null, $8 limit.
-- Index: case_file_cohort_idx or case_file_grid_idx, then case_event_pkey.
select s.stage, s.grid_code, s.begin_at, s.end_at
from (
    select
        c.grid_code,
        case
            when e.action = 6 then 1
            when e.action = 9 then 2
            when e.action = 18 then 3
            when e.action = 20 then 4
            when e.to_state = 10 and e.from_state not in (10, 11) and e.action <> 2 then 5
        end as stage,
        case
            when e.action = 6 then max(e.happened_at) filter (where e.action in (1, 8)) over w
            when e.action = 9 then max(e.happened_at) filter (where e.action in (6, 12, 25)) over w
            when e.action = 18 then max(e.happened_at) filter (where e.action in (9, 13)) over w
            when e.action = 20 then max(e.happened_at) filter (where e.action = 19) over w
            else c.reported_at
        end as begin_at,
        e.happened_at as end_at,
        e.category_id,
        e.organ_id
    from case_file c
    join case_event e on e.case_id = c.id
    where c.grid_code between $1::bigint and $2::bigint
        and c.cohort_day >= $3::date and c.cohort_day < $4::date
        and e.arrived_at < $5::timestamptz
        and c.flags & 1 = 1
        and c.version > 1
    window w as (partition by c.id order by e.version rows between unbounded preceding and 1 preceding)
) s
where s.stage is not null and s.begin_at is not null
    and ($6::smallint[] is null or s.category_id = any ($6::smallint[]))
    and ($7::integer is null or s.organ_id = $7::integer)
limit $8::integer
