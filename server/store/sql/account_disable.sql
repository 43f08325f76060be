-- account_disable
-- Disables or enables an account; disabled, its sessions end and its credentials are no longer taken, on every worker. $1 login, $2 disabled.
with changed as (
    update account set disabled = $2::boolean, failed_logins = 0, locked_until = null
    where login = $1::text
    returning id
),
ended as (
    delete from session
    where $2::boolean and account_id in (select id from changed)
    returning token_hash
),
told as (
    select pg_notify('session_gone', encode(token_hash, 'hex')) from ended
    union all
    select pg_notify('session_gone', encode(k.hash, 'hex')) from account_credential k join changed c on c.id = k.account_id
)
select (select count(*) from changed)::integer as changed, (select count(*) from ended)::integer as ended,
    (select count(*) from told)::integer as told
