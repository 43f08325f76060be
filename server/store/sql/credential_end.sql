-- credential_end
-- Ends a credential on every worker. $1 id.
with gone as (
    delete from account_credential c
    using account a
    where c.id = $1::uuid and a.id = c.account_id
    returning c.hash, c.label, a.login
),
told as (
    select pg_notify('session_gone', encode(hash, 'hex')) from gone
)
select (select count(*) from gone)::integer as ended, (select min(login) from gone) as login, (select min(label) from gone) as label,
    (select count(*) from told)::integer as told,
    set_config('wangge.audit_object', coalesce((select min(login) from gone), ''), true) as object,
    set_config('wangge.audit_note', coalesce((select ': ' || min(label) from gone), ''), true) as note
