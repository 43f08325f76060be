-- credential_add
-- Adds a credential to a service account. No row: there is no such service account. $1 id, $2 login, $3 kind, $4 hash, $5 label, $6 now, $7 expiry or null.
insert into account_credential (id, account_id, kind, hash, label, created_at, expires_at)
select $1::uuid, id, $3::smallint, $4::bytea, $5::text, $6::timestamptz, $7::timestamptz
from account
where login = $2::text and role = 11
returning id
