-- An organ's id. $1 code. Index: organ_code_key.
select id
from organ
where code = $1::text
