-- account_update
-- Changes an account as far as it is still as it was read; its streams end, its sessions are read anew on every worker. $1 login, $2 name, $3 role,
-- $4 region, $5 level, $6 organ or null, $7 source, $8 person, $9 row version. Index: account_login_key.
with changed as (
    update account set name = $2::text, role = $3::smallint, region_code = $4::bigint, region_level = $5::smallint, organ_id = $6::integer,
        source_code = $7::text, person_code = $8::text
    where login = $1::text and xmin::text = $9::text
    returning id
),
gone as (
    -- Credentials are a service account's only: another role must not inherit them.
    delete from account_credential
    where account_id in (select id from changed) and $3::smallint <> 11
    returning hash
),
told as (
    select pg_notify('session_changed', encode(s.token_hash, 'hex')) from session s join changed c on c.id = s.account_id
    union all
    select pg_notify('session_changed', encode(k.hash, 'hex')) from account_credential k join changed c on c.id = k.account_id
)
select (select count(*) from changed)::integer as changed, (select count(*) from told)::integer as told,
    (select count(*) from gone)::integer as gone
