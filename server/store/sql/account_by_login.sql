-- For login. $1 login. Index: account_login_key.
select id, login, name, role, region_code, region_level, organ_id, password_hash, failed_logins, locked_until, disabled
from account
where login = $1::text
