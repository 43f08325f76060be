-- totp_begin
-- Keeps a secret that waits for its first code. $1 account, $2 sealed secret.
update account set totp_begun = $2::bytea
where id = $1::uuid
returning id
