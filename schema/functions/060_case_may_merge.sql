-- Whether one case may be merged into another now: the lead is open, and nothing was merged into the case that is to go. Both rows
-- are locked, in the order of their ids, until the end of the transaction: what was true when the gate looked may have changed since.
-- volatile, so that the second statement has a snapshot of its own and sees what was committed while the first one waited.
-- Indexes: case_file_pkey, case_file_merged_idx.
create or replace function case_may_merge(merging uuid, lead uuid) returns boolean
language plpgsql
volatile
as $$
begin
    perform from case_file where id in (merging, lead) order by id for no key update;
    return exists (select from case_file where id = lead and state between 1 and 9)
        and not exists (select from case_file where merged_into = merging);
end
$$;
comment on function case_may_merge is 'Locks both cases; true if the merge makes neither a chain nor a circle and the lead is open.';
