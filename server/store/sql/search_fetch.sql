-- The cases at the places (segment $1, slot $2) that the caller may see, newest first. $3 to $11 as search_tail's $1 to $9.
select :case_columns
from search_fetch($1::integer[], $2::smallint[], $3::bigint, $4::bigint, $5::smallint[], $6::integer, $7::uuid, $8::integer, $9::date,
    $10::uuid, $11::integer) c
