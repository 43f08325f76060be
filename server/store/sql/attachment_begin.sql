-- Begins an upload, or finds it. $1 id, $2 case, $3 grid of the case (0: it does not exist yet), $4 uploader, $5 his name, $6 his role,
-- $7 file name, $8 size, $9 SHA-256, $10 now. same: the header is the one before. Index: attachment_pkey.
with begun as (
    insert into attachment (id, case_id, grid_code, uploader_id, uploader_name, uploader_role, name, sent_size, sent_sha256, uploaded_at)
    values ($1::uuid, $2::uuid, $3::bigint, $4::uuid, $5::text, $6::smallint, $7::text, $8::integer, $9::bytea, $10::timestamptz)
    on conflict (id) do nothing
    returning received
)
select b.received, false as complete, true as same
from begun b
union all
select a.received, a.complete,
    a.case_id = $2::uuid and a.uploader_id = $4::uuid and a.name = $7::text and a.sent_size = $8::integer and a.sent_sha256 = $9::bytea
from attachment a
where a.id = $1::uuid and not exists (select from begun)
