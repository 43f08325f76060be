-- Purpose: which source system a case came from, who of its organ shall sign for it, and which organs a dispatch named to help.
-- Locks: access exclusive on case_file, case_event and account for an instant (new columns without a default); case_file_source_idx is
-- built while writers of case_file wait, and holds only cases with a source. Backfill: the source of every case whose reporter is an
-- account with a source now, one update (reads case_file once, rewrites those rows). Of histories imported before, the reporter is a
-- person of the source and not its account: they keep no source, and nobody sees less than before. Earlier dispatches keep no list.
-- Rollback: drop the trigger, the function, the table and the columns; older programs read none of them.

create table source (
    id integer generated always as identity,
    code text not null,
    constraint source_pkey primary key (id),
    constraint source_code_key unique (code),
    constraint source_code_check check (code ~ '^[A-Za-z0-9_.-]{1,32}$')
);
comment on table source is 'Systems that report cases through service accounts; a row appears with the first account that names it.';
comment on column source.id is 'What cases, policies and row security compare: an integer, never a text.';
comment on column source.code is 'As account.source_code.';

insert into source (code)
select distinct a.source_code
from account a
where a.source_code <> ''
order by a.source_code;

create function account_source_known() returns trigger
language plpgsql
as $$
begin
    if not exists (select from source s where s.code = new.source_code) then
        insert into source (code) values (new.source_code) on conflict (code) do nothing;
    end if;
    return null;
end
$$;
comment on function account_source_known is 'Gives a source a number when the first account names it.';

create trigger account_source_known
after insert or update of source_code on account
for each row when (new.source_code <> '')
execute function account_source_known();

-- No foreign key: every report of a busy source would lock the same row of source, which is never deleted.
alter table case_file
    add column source_id integer,
    add column assignee_id uuid,
    add column assignee_name text;
comment on column case_file.source_id is 'The source it was reported or imported by; null: by people, or by an account without a source.';
comment on column case_file.assignee_id is 'Who of its organ shall sign for it; null: any of them.';
comment on column case_file.assignee_name is 'Display name at the time.';

update case_file c set source_id = s.id
from account a
join source s on s.code = a.source_code
where c.reporter_id = a.id;

create index case_file_source_idx on case_file (source_id, cohort_day, id) where source_id is not null;

alter table case_event
    add column co_organ_ids integer[];
comment on column case_event.co_organ_ids is 'Of a dispatch: the organs it named to help; null of all other steps, of none, and before they were kept.';
