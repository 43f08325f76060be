-- One case by id. Index: case_file_pkey.
select :case_columns
from case_file c
where c.id = $1::uuid
