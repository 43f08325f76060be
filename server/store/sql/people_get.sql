-- The people of one case, in order, sealed. $1 case. Index: case_person_pkey.
select position, kind, hidden, name, phone, id_number, address
from case_person
where case_id = $1::uuid
order by position
