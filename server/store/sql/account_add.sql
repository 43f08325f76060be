-- account_add
-- Adds an account, or finds the same one. $1 id, $2 login, $3 name, $4 role, $5 region, $6 level, $7 organ or null, $8 password hash, $9 now,
-- $10 its password must be changed, $11 source, $12 person.
with added as (
    insert into account (id, login, name, role, region_code, region_level, organ_id, password_hash, created_at, password_changed_at,
        must_change, source_code, person_code)
    values ($1::uuid, $2::text, $3::text, $4::smallint, $5::bigint, $6::smallint, $7::integer, $8::text, $9::timestamptz, $9::timestamptz,
        $10::boolean, $11::text, $12::text)
    on conflict (login) do nothing
    returning id
)
select id, true as added, true as same
from added
union all
select a.id, false, a.name = $3::text and a.role = $4::smallint and a.region_code = $5::bigint and a.region_level = $6::smallint
    and a.organ_id is not distinct from $7::integer and a.source_code = $11::text and a.person_code = $12::text
from account a
where a.login = $2::text and not exists (select from added)
