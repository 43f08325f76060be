-- Cases of the categories $1 in the grids $2 reported between $3 and $4 (local days $5 to $6), but not the case $7; within the
-- region interval $8 $9, seen by organ $10 or null, reported by $11 or null, from source $12 or null; newest first, at most $13.
-- Index: case_file_grid_idx.
select :case_columns
from case_file c
where c.grid_code = any ($2::bigint[]) and c.cohort_day between $5::date and $6::date
    and c.category_id = any ($1::smallint[])
    and c.reported_at between $3::timestamptz and $4::timestamptz
    and c.id is distinct from $7::uuid
    and c.grid_code between $8::bigint and $9::bigint
    and ($10::integer is null or c.organ_id = $10::integer or $10::integer = any (c.co_organ_ids))
    and ($11::uuid is null or c.reporter_id = $11::uuid)
    and ($12::integer is null or c.source_id = $12::integer)
    and c.state <> all (array[13, 14]::smallint[])
order by c.reported_at desc
limit $13::integer
