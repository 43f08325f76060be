-- account_forgive
-- The attempt was a good one after all: forgets the failures. $1 account.
update account set failed_logins = 0, locked_until = null
where id = $1::uuid and (failed_logins > 0 or locked_until is not null)
