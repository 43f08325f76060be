-- totp_confirm
-- Puts the begun secret in force, or ends the one in force. No row: that code was used already, or another secret took its place. $1 account,
-- $2 the sealed secret the code was checked against, $3 its time step, $4 end it.
update account set
    totp_sealed = case when $4::boolean then null else $2::bytea end,
    totp_begun = null,
    totp_step = $3::bigint
where id = $1::uuid and totp_step < $3::bigint and case when $4::boolean then totp_sealed else totp_begun end = $2::bytea
returning id
