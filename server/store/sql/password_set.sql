-- password_set
-- Sets a password; the one it replaces is remembered. $1 login, $2 hash, $3 now, $4 the hash it was judged against or null, $5 it must be changed,
-- $6 the session that stays open or null: all others end on every worker, $7 end its
-- one-time passwords. A service account is never asked to change. No change: somebody else was first, or there is no such account.
with before as (
    select id, password_hash
    from account
    where login = $1::text and ($4::text is null or password_hash = $4::text)
    for update
),
changed as (
    update account a set password_hash = $2::text, password_changed_at = $3::timestamptz, must_change = $5::boolean and a.role <> 11,
        failed_logins = 0, locked_until = null, totp_sealed = case when $7::boolean then null else totp_sealed end,
        totp_begun = case when $7::boolean then null else totp_begun end
    from before b
    where a.id = b.id
    returning a.id
),
remembered as (
    insert into password_history (account_id, password_hash, replaced_at)
    select id, password_hash, $3::timestamptz
    from before
),
forgotten as (
    delete from password_history
    where id in (select h.id from password_history h join before b on b.id = h.account_id order by h.id desc offset 23)
),
ended as (
    delete from session
    where account_id in (select id from changed) and token_hash is distinct from $6::bytea
    returning token_hash
),
told as (
    select pg_notify('session_gone', encode(token_hash, 'hex')) from ended
    union all
    select pg_notify('session_changed', encode($6::bytea, 'hex')) from changed where $6::bytea is not null
)
select (select count(*) from changed)::integer as changed, (select count(*) from ended)::integer as ended,
    (select count(*) from told)::integer as told,
    set_config('wangge.audit_note', format(', sessions ended: %s', (select count(*) from ended)), true) as note
