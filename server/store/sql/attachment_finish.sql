-- Puts what is kept in the place of what was sent. $1 id, $2 data, $3 SHA-256, $4 kind, $5 taken at, $6 latitude, $7 longitude.
-- No row: it was finished meanwhile. Index: attachment_pkey, attachment_chunk_pkey.
with finished as (
    update attachment set
        complete = true, kind = $4::smallint, size = octet_length($2::bytea), sha256 = $3::bytea, taken_at = $5::timestamptz,
        latitude = $6::float8, longitude = $7::float8
    where id = $1::uuid and not complete and received = sent_size
    returning id
),
dropped as (
    delete from attachment_chunk c using finished f where c.attachment_id = f.id and not c.kept
),
kept as (
    insert into attachment_chunk (attachment_id, kept, at, data)
    select f.id, true, p.at, substr($2::bytea, p.at + 1, 262144)
    from finished f, generate_series(0, octet_length($2::bytea) - 1, 262144) as p (at)
)
select f.id
from finished f
