-- credential_list
-- Credentials of an account, newest first. $1 login.
select c.id, c.label, c.kind, c.created_at, c.expires_at, c.last_used_at
from account_credential c
join account a on a.id = c.account_id
where a.login = $1::text
order by c.created_at desc, c.id
limit 500
