-- Cases by id, for a page of a figure's list; in no order. Index: case_file_pkey.
select :case_columns
from case_file c
where c.id = any ($1::uuid[])
