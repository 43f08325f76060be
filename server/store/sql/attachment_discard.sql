-- Forgets what was sent of an upload that turned out wrong, so that it can be sent anew. $1 id. Index: attachment_pkey.
with emptied as (
    update attachment set received = 0
    where id = $1::uuid and not complete
    returning id
)
delete from attachment_chunk c using emptied x where c.attachment_id = x.id and not c.kept
