-- Keeps a report with all its parts. $1 id, $2 request id, $3 request hash, $4 code, $5 request, $6 region, $7 title, $8 English title,
-- $9 as-of, $10 frozen at, $11 account, $12 its name, $13 note, $14 rows, $15 digest, $16 parts in order.
-- Rows: 1 if it was kept, 0 if the request id is known. Index: frozen_report_request_key.
with kept as (
    insert into frozen_report (
        id, request_id, request_hash, code, request, region_code, title, title_en, as_of, frozen_at, frozen_by, frozen_by_name, note,
        rows, digest
    )
    values (
        $1::uuid, $2::uuid, $3::bigint, $4::text, $5::bytea, $6::bigint, $7::text, $8::text, $9::timestamptz, $10::timestamptz,
        $11::uuid, $12::text, $13::text, $14::bigint, $15::text
    )
    on conflict (request_id) do nothing
    returning id
),
parts as (
    insert into frozen_report_part (report_id, number, part)
    select k.id, u.number, u.part
    from kept k
    cross join unnest($16::bytea[]) with ordinality u (part, number)
    returning 1
)
select (select count(*) from kept)::integer as kept, (select count(*) from parts)::integer as parts
