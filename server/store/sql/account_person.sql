-- The account of a login, as far as a step that names it asks. $1 login. Index: account_login_key.
select a.id, a.role, a.organ_id, a.disabled, a.name
from account a
where a.login = $1::text
