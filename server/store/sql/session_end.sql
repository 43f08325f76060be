-- Ends a session and tells every worker. $1 token hash.
with gone as (
    delete from session
    where token_hash = $1::bytea
    returning token_hash
)
select pg_notify('session_gone', encode(token_hash, 'hex'))
from gone
