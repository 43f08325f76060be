-- Takes blocks of running numbers. Arrays: $1 counties, $2 days, $3 block sizes. One row a block: its position, SQLSTATE, first and
-- last number. Index: case_number_pkey.
with w as materialized (
    select (ordinality - 1)::integer as i, county, day, size
    from unnest($1::integer[], $2::date[], $3::integer[]) with ordinality as u (county, day, size, ordinality)
),
total as (
    select county, day, sum(size)::integer as size
    from w
    group by county, day
    order by county, day
),
taken as (
    insert into case_number as n (county, day, last)
    select county, day, size
    from total
    on conflict (county, day) do update set last = n.last + excluded.last
    returning n.county, n.day, n.last
)
select
    w.i,
    '00000' as sqlstate,
    t.last - sum(w.size) over (partition by w.county, w.day order by w.i desc) + 1 as first,
    t.last - sum(w.size) over (partition by w.county, w.day order by w.i desc) + w.size as last
from w
join taken t on t.county = w.county and t.day = w.day
