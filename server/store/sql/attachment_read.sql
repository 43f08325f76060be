-- A piece of what is kept. $1 id, $2 offset: the chunk that holds it. Index: attachment_chunk_pkey.
select c.at, c.data
from attachment_chunk c
where c.attachment_id = $1::uuid and c.kept and c.at <= $2::integer
order by c.at desc
limit 1
