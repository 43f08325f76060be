-- Cases that the search index does not hold as they are now: $1 $2 region interval, $3 states or null, $4 organ that leads or helps or
-- null, $5 reporter or null, $6 source or null, $7 $8 keyset (cohort day, id) or null, $9 limit.
select :case_columns
from search_tail($1::bigint, $2::bigint, $3::smallint[], $4::integer, $5::uuid, $6::integer, $7::date, $8::uuid, $9::integer) c
