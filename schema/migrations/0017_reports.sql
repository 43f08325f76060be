-- Purpose: frozen reports (what was printed stays as it was), saved report definitions and their scheduled runs.
-- Locks: none on existing data. Backfill: none. Rollback: drop the tables and the function.

create table frozen_report (
    id uuid not null,
    request_id uuid not null,
    request_hash bigint not null,
    code text not null,
    request bytea not null,
    region_code bigint not null,
    title text not null,
    title_en text not null,
    as_of timestamptz not null,
    frozen_at timestamptz not null,
    frozen_by uuid not null,
    frozen_by_name text not null,
    note text not null,
    rows bigint not null,
    digest text not null,
    constraint frozen_report_pkey primary key (id),
    constraint frozen_report_request_key unique (request_id),
    constraint frozen_report_digest_check check (digest ~ '^[0-9a-f]{64}$'),
    constraint frozen_report_note_check check (char_length(note) <= 200)
);
comment on table frozen_report is 'A report as it was when somebody signed it. Only ever inserted into.';
comment on column frozen_report.id is 'Made by the server.';
comment on column frozen_report.request_id is 'Idempotency key of the request.';
comment on column frozen_report.request_hash is 'First 64 bits of the request''s BLAKE2b: the same key with another body is refused.';
comment on column frozen_report.code is 'Of the built-in report.';
comment on column frozen_report.request is 'The packed PullReportRequest with its defaults filled in.';
comment on column frozen_report.region_code is 'Region of the report, padded; 0: everywhere. Who may not see it does not see the report.';
comment on column frozen_report.title is 'Chinese.';
comment on column frozen_report.title_en is 'English.';
comment on column frozen_report.as_of is 'Up to when it knows.';
comment on column frozen_report.frozen_at is 'When it was frozen.';
comment on column frozen_report.frozen_by is 'Account.';
comment on column frozen_report.frozen_by_name is 'Its name then.';
comment on column frozen_report.note is 'Why, or for whom.';
comment on column frozen_report.rows is 'Rows in all.';
comment on column frozen_report.digest is 'SHA-256 over the parts, as ReportEnd tells it.';
create index frozen_report_list_idx on frozen_report (frozen_at, id);

create table frozen_report_part (
    report_id uuid not null,
    number integer not null,
    part bytea not null,
    constraint frozen_report_part_pkey primary key (report_id, number),
    constraint frozen_report_part_report_fkey foreign key (report_id) references frozen_report (id)
);
comment on table frozen_report_part is 'The parts of a frozen report as they were sent. Only ever inserted into.';
comment on column frozen_report_part.report_id is 'The report.';
comment on column frozen_report_part.number is 'From 1.';
comment on column frozen_report_part.part is 'A packed ReportPart.';

create function frozen_report_is_append_only() returns trigger
language plpgsql
as $$
begin
    raise exception 'frozen reports are never changed'
        using errcode = 'WG900';
end
$$;
comment on function frozen_report_is_append_only() is 'Refuses every change to a frozen report.';

create trigger frozen_report_append_only
before update or delete or truncate on frozen_report
for each statement execute function frozen_report_is_append_only();
create trigger frozen_report_part_append_only
before update or delete or truncate on frozen_report_part
for each statement execute function frozen_report_is_append_only();

create table saved_report (
    code text not null,
    owner_id uuid not null,
    owner_name text not null,
    region_code bigint not null,
    shared boolean not null,
    definition bytea not null,
    schedule smallint not null,
    at_minute integer not null,
    saved_at timestamptz not null,
    constraint saved_report_pkey primary key (code),
    constraint saved_report_code_check check (code ~ '^[A-Z0-9_-]{1,32}$'),
    constraint saved_report_schedule_check check (schedule between 1 and 4),
    constraint saved_report_at_check check (at_minute between 0 and 1439)
);
comment on table saved_report is 'Report definitions people saved, with their filters and schedule.';
comment on column saved_report.code is 'What it is pulled by.';
comment on column saved_report.owner_id is 'Account that saved it; it alone changes it and takes its runs.';
comment on column saved_report.owner_name is 'Its name then.';
comment on column saved_report.region_code is 'Region of the report, padded; 0: everywhere.';
comment on column saved_report.shared is 'Whoever may see the region may pull it.';
comment on column saved_report.definition is 'The packed ReportDefinition.';
comment on column saved_report.schedule is 'As wangge.v1.Schedule: 1 none, 2 daily, 3 weekly, 4 monthly.';
comment on column saved_report.at_minute is 'Minute of the business day from which a run is due.';
comment on column saved_report.saved_at is 'When it was saved last: runs due before are not made up for.';

create table scheduled_run (
    id uuid not null,
    code text not null,
    period_from date not null,
    period_to date not null,
    due_at timestamptz not null,
    taken_by uuid not null,
    lease_until timestamptz not null,
    finished_at timestamptz,
    files text[],
    failed text,
    constraint scheduled_run_pkey primary key (id),
    constraint scheduled_run_period_key unique (code, period_from, period_to),
    constraint scheduled_run_code_fkey foreign key (code) references saved_report (code) on delete cascade
);
comment on table scheduled_run is 'Runs of scheduled reports that were taken: each period of a report is written once.';
comment on column scheduled_run.id is 'Changes each time it is taken.';
comment on column scheduled_run.code is 'The saved report.';
comment on column scheduled_run.period_from is 'First day of the window.';
comment on column scheduled_run.period_to is 'Last day of the window.';
comment on column scheduled_run.due_at is 'From when it was due.';
comment on column scheduled_run.taken_by is 'Account that took it.';
comment on column scheduled_run.lease_until is 'Until when whoever took it may finish; then it is due again.';
comment on column scheduled_run.finished_at is 'When it was written; null: it was not.';
comment on column scheduled_run.files is 'What was written.';
comment on column scheduled_run.failed is 'Why the last try failed.';
