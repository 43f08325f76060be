-- account_attempt
-- Begins a login. The attempt is counted as a failure at once and forgotten by session_put, so that racing guesses share one allowance;
-- the last one allowed locks the account. $1 login, $2 failures allowed, $3 now, $4 locked until then. Index: account_login_key.
with attempt as (
    update account set
        failed_logins = case when failed_logins + 1 >= $2::integer then 0 else failed_logins + 1 end,
        locked_until = case when failed_logins + 1 >= $2::integer then $4::timestamptz else locked_until end
    where login = $1::text and not disabled and (locked_until is null or locked_until <= $3::timestamptz)
    returning id
)
select
    a.id, a.login, a.name, a.role, a.region_code, a.region_level, a.organ_id, a.disabled, a.password_hash,
    attempt.id is not null as allowed,
    case when a.locked_until > $3::timestamptz then a.locked_until end as locked_until,
    a.must_change or (p.max_age_days > 0 and a.role <> 11
        and a.password_changed_at + make_interval(days => p.max_age_days) <= $3::timestamptz) as must_change,
    a.totp_sealed, a.totp_step
from account a
cross join password_policy p
left join attempt on attempt.id = a.id
where a.login = $1::text
