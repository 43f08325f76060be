-- The events of a case after a version, oldest first. Index: case_event_pkey.
select :event_columns
from case_event e
where e.case_id = $1::uuid and e.version > $2::integer
order by e.version
limit $3::integer
