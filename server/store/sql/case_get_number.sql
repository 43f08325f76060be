-- One case by human number. Index: case_file_number_key.
select :case_columns
from case_file c
where c.number = $1::bigint
