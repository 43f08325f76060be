-- Adds a chunk at the end of what was received. $1 id, $2 offset, $3 data. No row: something else was received meanwhile.
-- Index: attachment_pkey.
with grown as (
    update attachment set received = received + octet_length($3::bytea)
    where id = $1::uuid and received = $2::integer and not complete
    returning id
)
insert into attachment_chunk (attachment_id, kept, at, data)
select g.id, false, $2::integer, $3::bytea
from grown g
returning at
