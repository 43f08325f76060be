-- Who may do what with each table, and which of its rows a read may see: the one list of it. Run again whenever anything in the schema
-- changes. A new table is refused here until it has a line: add yours, in alphabetical order.
--
-- Columns: table; what wangge_read may do; what wangge_write may do (r select, a insert, w update, d delete); how rows are confined; why.
--   case   case_file itself: region, and organ, reporter or source where the account's view asks for it
--   event  holds case data with grid_code and case_id of its own: region by grid_code; where the view is narrower, by its case
--   of     holds case data with a case_id and no grid_code: whoever sees the case sees it
--   file   holds the pieces of a file of a case
--   open   holds no case data: everybody who may read it reads all; the reason stands behind
--
-- The context of a read is five settings that the server sends with each statement (server/db/db.h, struct db_scope) and that end with
-- its transaction. Without them the policies compare with null and nothing is seen. They compare integers and ids only: a text prefix
-- would match everything when the context is empty. Each comparison sits in one case expression over values computed once a statement
-- ("select …" makes them so), which leaves the planner's choice of index to the statement itself.
-- wangge_write reads without confinement: it must see what it changes, and the gate has decided before.
--
-- Locks: ACCESS EXCLUSIVE on each confined table for the moment of the migration. Rollback: nothing to do, the next run writes it anew.
do $$
declare
    region constant text := 'grid_code between (select nullif(current_setting(''wangge.region_lo'', true), '''')::bigint)'
        ' and (select nullif(current_setting(''wangge.region_hi'', true), '''')::bigint)';
    organ constant text := '(select nullif(current_setting(''wangge.organ_id'', true), '''')::integer)';
    reporter constant text := '(select nullif(current_setting(''wangge.reporter_id'', true), '''')::uuid)';
    source constant text := '(select nullif(current_setting(''wangge.source_id'', true), '''')::integer)';
    rights constant text[][] := array[
        ['account', 'r', 'raw', 'open', 'no case; who may read accounts is PERM_ACCOUNT_ADMIN'],
        ['account_credential', 'r', 'rawd', 'open', 'no case; hashes of tokens and of certificates'],
        ['attachment', 'r', 'raw', 'of', ''],
        ['attachment_chunk', 'r', 'rawd', 'file', ''],
        ['audit_row', 'r', 'ra', 'open', 'no case; who may read the audit is PERM_AUDIT_READ'],
        ['bulk_item', 'r', 'rawd', 'of', ''],
        ['bulk_run', 'r', 'raw', 'open', 'no case; an account reads its own runs'],
        ['calendar', 'r', 'raw', 'open', 'directory: every account reads it'],
        ['calendar_day', 'r', 'rawd', 'open', 'directory: every account reads it'],
        ['calendar_season', 'r', 'rawd', 'open', 'directory: every account reads it'],
        ['case_event', 'r', 'ra', 'event', ''],
        ['case_file', 'r', 'raw', 'case', ''],
        ['case_link', 'r', 'raw', 'of', ''],
        ['case_number', '', 'raw', 'open', 'counters only'],
        ['case_person', 'r', 'rawd', 'event', ''],
        ['category', 'r', 'raw', 'open', 'directory: every account reads it'],
        ['cell_category_month', 'r', 'raw', 'open', 'sums without any case or person; every statement confines the region'],
        ['cell_day', 'r', 'raw', 'open', 'sums without any case or person; every statement confines the region'],
        ['cell_month', 'r', 'raw', 'open', 'sums without any case or person; every statement confines the region'],
        ['cell_more_category_month', 'r', 'raw', 'open', 'sums without any case or person; every statement confines the region'],
        ['cell_more_month', 'r', 'raw', 'open', 'sums without any case or person; every statement confines the region'],
        ['cell_more_organ_month', 'r', 'raw', 'open', 'sums without any case or person; every statement confines the region'],
        ['cell_organ_month', 'r', 'raw', 'open', 'sums without any case or person; every statement confines the region'],
        ['cell_position', 'r', 'rw', 'open', 'how far the feed was folded'],
        ['dispatch_rule', 'r', 'rawd', 'open', 'directory: who reads the rules is PERM_RULES_READ'],
        ['frozen_report', 'r', 'ra', 'region', ''],
        ['frozen_report_part', 'r', 'ra', 'frozen', ''],
        ['limit_rule', 'r', 'raw', 'open', 'directory: every account reads it'],
        ['notice', 'r', 'rad', 'of', ''],
        ['notice_exception', 'r', 'rawd', 'open', 'what an account has read: no case'],
        ['notice_mark', 'r', 'rawd', 'open', 'what an account has read: no case'],
        ['notice_position', 'r', 'rw', 'open', 'how far notices were made'],
        ['organ', 'r', 'raw', 'open', 'directory: every account reads it'],
        ['password_history', 'r', 'rad', 'open', 'no case; hashes of passwords that were replaced'],
        ['password_policy', 'r', 'rw', 'open', 'the rules of new passwords'],
        ['people_change', '', 'ra', 'of', ''],
        ['region', 'r', 'raw', 'open', 'directory: every account reads it'],
        ['saved_report', 'r', 'rawd', 'open', 'definitions without any case; every statement confines owner and region'],
        ['scheduled_run', 'r', 'rawd', 'open', 'which files were written; every statement confines the owner'],
        ['schema_migration', 'r', 'r', 'open', 'names of scripts'],
        ['schema_script', 'r', 'r', 'open', 'names of scripts'],
        ['search_position', 'r', 'rw', 'open', 'how far the search index goes'],
        ['search_posting', 'r', 'raw', 'open', 'hashes of words and places; the cases at them are confined'],
        ['search_segment', 'r', 'raw', 'open', 'hashes of words and places; the cases at them are confined'],
        ['search_slot', 'r', 'ra', 'open', 'ids of cases by place; the cases are confined'],
        ['session', 'r', 'rawd', 'open', 'no case; hashes of tokens'],
        ['setting', 'r', 'raw', 'open', 'facts about the installation'],
        ['source', 'r', 'ra', 'open', 'names of systems and their numbers'],
        ['timer_lease', '', 'rawd', 'open', 'who works at what in the background'],
        ['timer_refusal', 'r', 'rawd', 'of', ''],
        ['transition', 'r', 'r', 'open', 'the state table']
    ];
    names text[] := '{}';
    -- The server's own scope also sees what has no case yet: evidence may arrive before its case.
    everything constant text := '(select nullif(current_setting(''wangge.region_hi'', true), '''')::bigint) = 9223372036854775807';
    missing text;
    t text[];
    confine text;
begin
    foreach t slice 1 in array rights loop
        names := names || t[1];
    end loop;
    select string_agg(c.relname, ', ' order by c.relname) into missing
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and c.relname <> all (names);
    if missing is not null then
        raise exception 'no line in schema/grants.sql for the tables: %', missing
            using errcode = 'WG903', hint = 'Add a line a table that says who may do what, and how its rows are confined.';
    end if;

    execute format('revoke create, temporary on database %I from public', current_database());
    execute format('revoke create, temporary on database %I from wangge_read, wangge_write', current_database());
    grant usage on schema public to wangge_read, wangge_write;
    revoke create on schema public from wangge_read, wangge_write;
    revoke all on all sequences in schema public from public, wangge_read, wangge_write;

    foreach t slice 1 in array rights loop
        execute format('revoke all on %I from public, wangge_read, wangge_write', t[1]);
        if t[2] <> '' then
            execute format('grant select on %I to wangge_read', t[1]);
        end if;
        if t[3] <> '' then
            execute format(
                'grant %s on %I to wangge_write',
                (
                    select string_agg(p.word, ', ')
                    from (values ('r', 'select'), ('a', 'insert'), ('w', 'update'), ('d', 'delete')) as p (letter, word)
                    where strpos(t[3], p.letter) > 0
                ),
                t[1]);
        end if;
        continue when t[4] = 'open';

        confine := case t[4]
            when 'case' then
                'case when ' || region || ' then (coalesce(' || organ || ', 0) = 0 or organ_id = ' || organ
                || ' or ' || organ || ' = any (co_organ_ids)) and (' || reporter || ' is null or reporter_id = ' || reporter || ')'
                || ' and (coalesce(' || source || ', 0) = 0 or source_id = ' || source || ') else false end'
            when 'event' then
                'case when not coalesce(' || region || ', false) then false'
                || ' when coalesce(' || organ || ', 0) = 0 and ' || reporter || ' is null and coalesce(' || source || ', 0) = 0 then true'
                || format(' else exists (select from case_file c where c.id = %I.case_id) end', t[1])
            when 'of' then
                'case when ' || everything || ' then true else '
                || format('exists (select from case_file c where c.id = %I.case_id) end', t[1])
            when 'region' then
                'case when ' || replace(region, 'grid_code', 'region_code') || ' then coalesce(' || organ || ', 0) = 0 and '
                || reporter || ' is null and coalesce(' || source || ', 0) = 0 else false end'
            when 'frozen' then
                format('exists (select from frozen_report f where f.id = %I.report_id)', t[1])
            when 'file' then
                'case when ' || everything || ' then true else '
                || format('exists (select from attachment a where a.id = %I.attachment_id) end', t[1])
        end;
        if confine is null then
            raise exception 'schema/grants.sql: % has no way "%" to confine rows', t[1], t[4] using errcode = 'WG903';
        end if;
        execute format('alter table %I enable row level security', t[1]);
        execute format('drop policy if exists %I on %I', t[1] || '_read', t[1]);
        execute format('drop policy if exists %I on %I', t[1] || '_write', t[1]);
        execute format('create policy %I on %I for select to wangge_read using (%s)', t[1] || '_read', t[1], confine);
        execute format('create policy %I on %I for all to wangge_write using (true) with check (true)', t[1] || '_write', t[1]);
    end loop;
    grant select on schema_migration, schema_script to public;
end
$$;
