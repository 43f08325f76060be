-- Saves a report definition, or changes the owner's own. $1 code, $2 owner, $3 name, $4 region, $5 shared, $6 definition, $7 schedule,
-- $8 minute, $9 now. Rows: the code; none if it is somebody else's. Index: saved_report_pkey.
insert into saved_report as s (code, owner_id, owner_name, region_code, shared, definition, schedule, at_minute, saved_at)
values ($1::text, $2::uuid, $3::text, $4::bigint, $5::boolean, $6::bytea, $7::smallint, $8::integer, $9::timestamptz)
on conflict (code) do update set
    owner_name = excluded.owner_name,
    region_code = excluded.region_code,
    shared = excluded.shared,
    definition = excluded.definition,
    schedule = excluded.schedule,
    at_minute = excluded.at_minute,
    saved_at = excluded.saved_at
where s.owner_id = excluded.owner_id
returning s.code
