-- Whether the same bytes are attached to another case, wherever that case is. Runs as its owner: evidence used twice is to be told also
-- where the other case is out of the asker's sight, of which nothing else is told.
create or replace function attachment_reused(hash bytea, of_case uuid) returns boolean
language sql
stable
security definer
set search_path = public, pg_temp
as $$
    select exists (select from attachment o where o.sha256 = hash and o.complete and o.case_id <> of_case)
$$;
comment on function attachment_reused(bytea, uuid) is 'The same bytes are attached to another case.';
