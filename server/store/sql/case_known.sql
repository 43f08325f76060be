-- Whether there is such a case. $1 id or null, $2 number or null. Index: case_file_pkey, case_file_number_key.
select c.id
from case_file c
where c.id = $1::uuid
union all
select c.id
from case_file c
where c.number = $2::bigint
