-- totp_get
-- The secrets of one-time passwords. $1 account.
select totp_sealed, totp_begun, totp_step
from account
where id = $1::uuid
