-- password_get
-- What a change of password is judged by: the present hash first, then the replaced ones, newest first. $1 account.
select password_hash, 0::bigint as age
from account
where id = $1::uuid
union all
(
    select password_hash, row_number() over (order by id desc)
    from password_history
    where account_id = $1::uuid
    order by id desc
    limit 24
)
order by age
