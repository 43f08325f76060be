-- session_end_many
-- Ends sessions on every worker. $1 one session or null, $2 all of this login or null, $3 only of this account or null, $4 but not this one or null.
with gone as (
    delete from session s
    using account a
    where a.id = s.account_id
        and case when $1::uuid is not null then s.id = $1::uuid else a.login = $2::text end
        and ($3::uuid is null or s.account_id = $3::uuid)
        and ($4::bytea is null or s.token_hash <> $4::bytea)
    returning s.token_hash, a.login
),
told as (
    select pg_notify('session_gone', encode(token_hash, 'hex')) from gone
)
select (select count(*) from gone)::integer as ended, (select min(login) from gone) as login, (select count(*) from told)::integer as told,
    set_config('wangge.audit_object', coalesce((select min(login) from gone), ''), true) as object,
    set_config('wangge.audit_note', (select count(*) from gone)::text, true) as note
