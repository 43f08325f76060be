-- Counts a failed login; the limit locks the account. $1 account, $2 limit, $3 locked until then.
update account set
    failed_logins = case when failed_logins + 1 >= $2::integer then 0 else failed_logins + 1 end,
    locked_until = case when failed_logins + 1 >= $2::integer then $3::timestamptz else locked_until end
where id = $1::uuid
returning failed_logins, locked_until
