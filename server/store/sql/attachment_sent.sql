-- The bytes of a whole upload as sent, in order. $1 id. Index: attachment_chunk_pkey.
select c.data
from attachment_chunk c
where c.attachment_id = $1::uuid and not c.kept
order by c.at
