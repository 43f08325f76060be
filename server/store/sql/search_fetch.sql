-- The cases at the places (segment $1, slot $2, day $3 since 1970-01-01) that the caller may see, newest first. $4 to $12 as
-- search_tail's $1 to $9.
select :case_columns
from search_fetch($1::integer[], $2::smallint[], $3::integer[], $4::bigint, $5::bigint, $6::smallint[], $7::integer, $8::uuid,
    $9::integer, $10::date, $11::uuid, $12::integer) c
