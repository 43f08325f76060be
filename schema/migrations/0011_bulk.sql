-- Purpose: bulk runs: one action on many cases, resumable, the set fixed when it begins.
-- Locks: none on existing data. Backfill: none. Rollback: drop the two tables.
--
-- What became of an item is not kept here: the event that carries the item's key says so, and an item without one is tried again.

create table bulk_run (
    id uuid not null,
    account_id uuid not null,
    request_hash bigint not null,
    action smallint not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    total integer not null default 0,
    done integer not null default 0,
    failed integer not null default 0,
    ready boolean not null default false,
    constraint bulk_run_pkey primary key (id),
    constraint bulk_run_total_check check (total between 0 and 100000)
);
comment on table bulk_run is 'One action on many cases.';
comment on column bulk_run.id is 'UUIDv7 given by the caller.';
comment on column bulk_run.account_id is 'Whose run.';
comment on column bulk_run.request_hash is 'First 64 bits of the request''s BLAKE2b: the same id with another body is refused.';
comment on column bulk_run.action is 'As wangge.v1.Action.';
comment on column bulk_run.started_at is 'When it was begun.';
comment on column bulk_run.finished_at is 'When the last item of a whole run was answered; null while it is not.';
comment on column bulk_run.total is 'Items.';
comment on column bulk_run.done is 'Items that went well in the run that went furthest.';
comment on column bulk_run.failed is 'Items that did not.';
comment on column bulk_run.ready is 'Its set is complete.';
create index bulk_run_account_idx on bulk_run (account_id, started_at desc);

create table bulk_item (
    bulk_id uuid not null,
    position integer not null,
    case_id uuid not null,
    constraint bulk_item_pkey primary key (bulk_id, position),
    constraint bulk_item_run_fkey foreign key (bulk_id) references bulk_run (id)
);
comment on table bulk_item is 'The set of a bulk run.';
comment on column bulk_item.bulk_id is 'The run.';
comment on column bulk_item.position is 'From 1.';
comment on column bulk_item.case_id is 'The case.';
