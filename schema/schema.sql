-- SPDX-License-Identifier: MIT
-- Made by tools/schema_dump.sh from the migrations and functions; for reading and comparing only.

CREATE FUNCTION public.account_keeps_security() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    -- One at a time: two that go at once would each see the other stay.
    perform pg_advisory_xact_lock(87006);
    if not exists (select from account where role = 13 and not disabled) then
        raise exception 'the last security officer cannot go' using errcode = '23514', constraint = 'account_last_security_check';
    end if;
    return null;
end
$$;

COMMENT ON FUNCTION public.account_keeps_security() IS 'Refuses to disable, change or delete the last enabled security officer.';

CREATE FUNCTION public.account_source_known() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if not exists (select from source s where s.code = new.source_code) then
        insert into source (code) values (new.source_code) on conflict (code) do nothing;
    end if;
    return null;
end
$$;

COMMENT ON FUNCTION public.account_source_known() IS 'Gives a source a number when the first account names it.';

CREATE FUNCTION public.attachment_reused(hash bytea, of_case uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    select exists (select from attachment o where o.sha256 = hash and o.complete and o.case_id <> of_case)
$$;

COMMENT ON FUNCTION public.attachment_reused(hash bytea, of_case uuid) IS 'The same bytes are attached to another case.';

CREATE FUNCTION public.audit_row_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'audit rows are never changed or deleted' using errcode = 'WG901';
end
$$;

COMMENT ON FUNCTION public.audit_row_is_append_only() IS 'Refuses every change to what was recorded.';

CREATE FUNCTION public.business_day(t timestamp with time zone) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select (t at time zone interval '8 hours')::date
$$;

COMMENT ON FUNCTION public.business_day(t timestamp with time zone) IS 'Local day of an instant.';

CREATE FUNCTION public.case_count(states smallint[], region_lo bigint, region_hi bigint, category_ids smallint[], organ integer, reported_from timestamp with time zone, reported_to timestamp with time zone, due_before timestamp with time zone, words text, reporter uuid, seen_by integer, cards integer, pending integer, source integer, worker uuid, up_to integer) RETURNS integer
    LANGUAGE plpgsql STABLE
    AS $_$
declare
    total integer;
begin
    execute 'select count(*) from (select from case_file c where '
        || case_list_condition(states, category_ids, organ, reported_from, reported_to, due_before, words, reporter, seen_by,
            cards, pending, source, worker)
        || ' limit $16) x'
    into total
    using states, region_lo, region_hi, category_ids, organ, reported_from, reported_to, due_before, words, reporter,
        seen_by, cards, pending, source, worker, up_to;
    return total;
end
$_$;

COMMENT ON FUNCTION public.case_count(states smallint[], region_lo bigint, region_hi bigint, category_ids smallint[], organ integer, reported_from timestamp with time zone, reported_to timestamp with time zone, due_before timestamp with time zone, words text, reporter uuid, seen_by integer, cards integer, pending integer, source integer, worker uuid, up_to integer) IS 'How many cases a filter finds, counted up to a limit.';

CREATE FUNCTION public.case_count_found(states smallint[], region_lo bigint, region_hi bigint, category_ids smallint[], organ integer, reported_from timestamp with time zone, reported_to timestamp with time zone, due_before timestamp with time zone, words text, reporter uuid, seen_by integer, cards integer, pending integer, source integer, worker uuid, up_to integer, ids uuid[], oldest_day date, newest_day date, segments integer[], slots smallint[], days integer[]) RETURNS integer
    LANGUAGE plpgsql STABLE
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    AS $_$
declare
    total integer;
begin
    execute 'select count(*) from (select from ' || case_found_candidates() || ' where '
        || case_list_condition(states, category_ids, organ, reported_from, reported_to, due_before, words, reporter, seen_by,
            cards, pending, source, worker)
        || ' limit $16) x'
    into total
    using states, region_lo, region_hi, category_ids, organ, reported_from, reported_to, due_before, words, reporter,
        seen_by, cards, pending, source, worker, up_to, null::date, null::date, null::date, ids, oldest_day, newest_day, segments, slots,
        days;
    return total;
end
$_$;

COMMENT ON FUNCTION public.case_count_found(states smallint[], region_lo bigint, region_hi bigint, category_ids smallint[], organ integer, reported_from timestamp with time zone, reported_to timestamp with time zone, due_before timestamp with time zone, words text, reporter uuid, seen_by integer, cards integer, pending integer, source integer, worker uuid, up_to integer, ids uuid[], oldest_day date, newest_day date, segments integer[], slots smallint[], days integer[]) IS 'How many cases a filter finds among candidates of the search index, counted up to a limit.';

CREATE FUNCTION public.case_event_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'case events are never changed or deleted' using errcode = 'WG900';
end
$$;

COMMENT ON FUNCTION public.case_event_is_append_only() IS 'Refuses every change to what happened.';

CREATE FUNCTION public.case_found_candidates() RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $_$
    select '(select x.day, x.id from ('
        || 'select o.cohort_day as day, o.id from unnest($20) i (id)'
        || ' cross join lateral (select f.cohort_day, f.id from case_file f where f.id = i.id offset 0) o'
        || ' where o.cohort_day between coalesce($21, ''-infinity'') and coalesce($22, ''infinity'')'
        || ' union select date ''1970-01-01'' + u.day, s.case_id from unnest($23, $24, $25) u (segment, slot, day)'
        || ' cross join lateral (select y.case_id from search_slot y where y.segment = u.segment and y.slot = u.slot offset 0) s'
        || ') x order by x.day desc, x.id desc) p'
        || ' cross join lateral (select f.* from case_file f where f.id = p.id offset 0) c'
$_$;

COMMENT ON FUNCTION public.case_found_candidates() IS 'The from clause of case_list_found and case_count_found.';

CREATE TABLE public.case_file (
    id uuid NOT NULL,
    number bigint NOT NULL,
    version integer NOT NULL,
    state smallint NOT NULL,
    prev_state smallint NOT NULL,
    grid_code bigint NOT NULL,
    category_id smallint NOT NULL,
    urgency smallint NOT NULL,
    channel smallint NOT NULL,
    level smallint NOT NULL,
    organ_id integer,
    co_organ_ids integer[],
    reporter_id uuid NOT NULL,
    handler_id uuid,
    checker_id uuid,
    closer_id uuid,
    void_requested_by uuid,
    merged_into uuid,
    flags integer NOT NULL,
    round smallint NOT NULL,
    return_count smallint NOT NULL,
    rework_count smallint NOT NULL,
    cohort_day date NOT NULL,
    reported_at timestamp with time zone NOT NULL,
    arrived_at timestamp with time zone NOT NULL,
    last_event_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    feedback_at timestamp with time zone,
    closed_at timestamp with time zone,
    gate_data bytea,
    latitude double precision,
    longitude double precision,
    reporter_name text NOT NULL,
    handler_name text,
    address text,
    description text NOT NULL,
    overall_due_at timestamp with time zone,
    next_light_at timestamp with time zone,
    co_lapse_at timestamp with time zone,
    suspended_until timestamp with time zone,
    card smallint DEFAULT 0 NOT NULL,
    approvals smallint DEFAULT 0 NOT NULL,
    source_id integer,
    assignee_id uuid,
    assignee_name text,
    figure_due_at timestamp with time zone,
    CONSTRAINT case_file_address_check CHECK ((char_length(address) <= 200)),
    CONSTRAINT case_file_approvals_check CHECK (((approvals >= 0) AND (approvals <= 4095))),
    CONSTRAINT case_file_card_check CHECK (((card >= 0) AND (card <= 3))),
    CONSTRAINT case_file_checker_closer_check CHECK ((checker_id <> closer_id)),
    CONSTRAINT case_file_description_check CHECK (((char_length(description) >= 1) AND (char_length(description) <= 2000))),
    CONSTRAINT case_file_handler_checker_check CHECK ((handler_id <> checker_id)),
    CONSTRAINT case_file_handler_closer_check CHECK ((handler_id <> closer_id)),
    CONSTRAINT case_file_state_check CHECK (((state >= 1) AND (state <= 14))),
    CONSTRAINT case_file_version_check CHECK ((version >= 1))
)
WITH (fillfactor='85');

COMMENT ON TABLE public.case_file IS 'Each case as it stands now; its events tell how it came to this.';

COMMENT ON COLUMN public.case_file.id IS 'UUIDv7, made where the case was born.';

COMMENT ON COLUMN public.case_file.number IS 'Human number: (county * 10^6 + yyMMdd) * 10^6 + running number.';

COMMENT ON COLUMN public.case_file.version IS 'Number of its events.';

COMMENT ON COLUMN public.case_file.state IS 'As wangge.v1.CaseState.';

COMMENT ON COLUMN public.case_file.prev_state IS 'Where restore, split or resume lead back to; 0 if nowhere.';

COMMENT ON COLUMN public.case_file.grid_code IS 'The grid it was born in, 15 digits.';

COMMENT ON COLUMN public.case_file.category_id IS 'Its kind.';

COMMENT ON COLUMN public.case_file.urgency IS 'As wangge.v1.Urgency.';

COMMENT ON COLUMN public.case_file.channel IS 'As wangge.v1.Channel.';

COMMENT ON COLUMN public.case_file.level IS 'Which level holds it: 1 community to 4 city.';

COMMENT ON COLUMN public.case_file.organ_id IS 'Lead organ.';

COMMENT ON COLUMN public.case_file.co_organ_ids IS 'Organs that help.';

COMMENT ON COLUMN public.case_file.reporter_id IS 'Account, or an id derived from the source''s name for the person.';

COMMENT ON COLUMN public.case_file.handler_id IS 'Who signed for it and fed back.';

COMMENT ON COLUMN public.case_file.checker_id IS 'Who checked it.';

COMMENT ON COLUMN public.case_file.closer_id IS 'Who closed it.';

COMMENT ON COLUMN public.case_file.void_requested_by IS 'Who asked to void it, while undecided; also in gate_data.';

COMMENT ON COLUMN public.case_file.merged_into IS 'The lead case.';

COMMENT ON COLUMN public.case_file.flags IS 'Bits named in server/domain/gate.h.';

COMMENT ON COLUMN public.case_file.round IS '1, and one more with each reopening.';

COMMENT ON COLUMN public.case_file.return_count IS 'How often the organ gave it back.';

COMMENT ON COLUMN public.case_file.rework_count IS 'How often the check sent it back.';

COMMENT ON COLUMN public.case_file.cohort_day IS 'Local day of the report: the cohort of every rate.';

COMMENT ON COLUMN public.case_file.reported_at IS 'When it was reported where it was reported.';

COMMENT ON COLUMN public.case_file.arrived_at IS 'When the server (of an imported case: the source system) learned of it.';

COMMENT ON COLUMN public.case_file.last_event_at IS 'When its last event happened.';

COMMENT ON COLUMN public.case_file.due_at IS 'When the present stage is due; null if no clock runs.';

COMMENT ON COLUMN public.case_file.feedback_at IS 'When the organ last fed back.';

COMMENT ON COLUMN public.case_file.closed_at IS 'When it was closed; null while open.';

COMMENT ON COLUMN public.case_file.gate_data IS 'Clock state, requests and counters only the gate reads (server/store/case_row.c).';

COMMENT ON COLUMN public.case_file.latitude IS 'Degrees north, WGS 84.';

COMMENT ON COLUMN public.case_file.longitude IS 'Degrees east, WGS 84.';

COMMENT ON COLUMN public.case_file.reporter_name IS 'Display name at the time.';

COMMENT ON COLUMN public.case_file.handler_name IS 'Display name at the time.';

COMMENT ON COLUMN public.case_file.address IS 'Where, in words.';

COMMENT ON COLUMN public.case_file.description IS 'What happened.';

COMMENT ON COLUMN public.case_file.overall_due_at IS 'When the whole case is due; null without such a limit or while the clock waits.';

COMMENT ON COLUMN public.case_file.next_light_at IS 'When a light of a running clock changes next; null if none will. Advanced by whoever acts on it.';

COMMENT ON COLUMN public.case_file.co_lapse_at IS 'The earliest reply limit of a helping organ that owes an answer, while such a lapse can be noted.';

COMMENT ON COLUMN public.case_file.suspended_until IS 'When a suspended case resumes by itself; null in other states.';

COMMENT ON COLUMN public.case_file.card IS 'As wangge.v1.Card: the sternest of this round.';

COMMENT ON COLUMN public.case_file.approvals IS 'Pending requests, three bits a kind of wangge.v1.ApprovalKind from EXTEND on: 0 none, 1 asked, 2 endorsed.';

COMMENT ON COLUMN public.case_file.source_id IS 'The source it was reported or imported by; null: by people, or by an account without a source.';

COMMENT ON COLUMN public.case_file.assignee_id IS 'Who of its organ shall sign for it; null: any of them.';

COMMENT ON COLUMN public.case_file.assignee_name IS 'Display name at the time.';

COMMENT ON COLUMN public.case_file.figure_due_at IS 'handle_due_after of its last event: from then on the case counts as overdue, or as having been due.';

CREATE FUNCTION public.case_list(states smallint[], region_lo bigint, region_hi bigint, category_ids smallint[], organ integer, reported_from timestamp with time zone, reported_to timestamp with time zone, due_before timestamp with time zone, words text, reporter uuid, seen_by integer, cards integer, pending integer, source integer, worker uuid, sort integer, after_day date, after_due timestamp with time zone, after_id uuid, page_size integer) RETURNS SETOF public.case_file
    LANGUAGE plpgsql STABLE
    AS $$
begin
    return query execute
        'select c.* from case_file c where '
        || case_list_condition(states, category_ids, organ, reported_from, reported_to, due_before, words, reporter, seen_by,
            cards, pending, source, worker)
        || case_list_page(sort, after_id)
    using states, region_lo, region_hi, category_ids, organ, reported_from, reported_to, due_before, words, reporter, seen_by,
        cards, pending, source, worker, after_day, after_due, after_id, page_size;
end
$$;

COMMENT ON FUNCTION public.case_list(states smallint[], region_lo bigint, region_hi bigint, category_ids smallint[], organ integer, reported_from timestamp with time zone, reported_to timestamp with time zone, due_before timestamp with time zone, words text, reporter uuid, seen_by integer, cards integer, pending integer, source integer, worker uuid, sort integer, after_day date, after_due timestamp with time zone, after_id uuid, page_size integer) IS 'A page of cases by filter.';

CREATE FUNCTION public.case_list_condition(states smallint[], category_ids smallint[], organ integer, reported_from timestamp with time zone, reported_to timestamp with time zone, due_before timestamp with time zone, words text, reporter uuid, seen_by integer, cards integer, pending integer, source integer, worker uuid) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $_$
    select 'c.grid_code between $2 and $3'
        || case when states is not null then ' and c.state = any ($1)' else '' end
        -- Said apart so that the partial indexes of open cases can be used.
        || case when 9 >= all (states) then ' and c.state <= 9' else '' end
        || case when category_ids is not null then ' and c.category_id = any ($4)' else '' end
        || case when organ is not null then ' and c.organ_id = $5' else '' end
        || case when reported_from is not null then ' and c.cohort_day >= business_day($6) and c.reported_at >= $6' else '' end
        || case when reported_to is not null then ' and c.cohort_day <= business_day($7) and c.reported_at < $7' else '' end
        || case when due_before is not null then ' and c.due_at < $8' else '' end
        || case
            when words is null then ''
            -- Only a text with digits can be found in a number; only what was found is looked at again.
            when words ~ '[0-9０-９]' then
                ' and (strpos(c.description, $9) > 0 and strpos(case_text_findable(c.description, c.flags), $9) > 0'
                || ' or strpos(c.address, $9) > 0 and strpos(case_text_findable(c.address, c.flags), $9) > 0'
                || ' or strpos(case_number_text(c.number), $9) > 0)'
            else ' and (strpos(c.description, $9) > 0 or strpos(c.address, $9) > 0 or strpos(case_number_text(c.number), $9) > 0)'
        end
        || case when reporter is not null then ' and c.reporter_id = $10' else '' end
        || case when seen_by is not null then ' and (c.organ_id = $11 or $11 = any (c.co_organ_ids))' else '' end
        || case when cards is not null then ' and c.card > 0 and 1 << c.card & $12 <> 0' else '' end
        -- Said apart so that the partial index of pending requests can be used.
        || case when pending is not null then ' and c.approvals <> 0 and c.approvals & $13 <> 0' else '' end
        || case when source is not null then ' and c.source_id = $14' else '' end
        -- What a colleague of the organ that leads was named to sign for is his.
        || case
            when worker is null then ''
            else ' and (c.assignee_id is null or c.assignee_id = $15 or c.organ_id is distinct from $11)'
        end
$_$;

COMMENT ON FUNCTION public.case_list_condition(states smallint[], category_ids smallint[], organ integer, reported_from timestamp with time zone, reported_to timestamp with time zone, due_before timestamp with time zone, words text, reporter uuid, seen_by integer, cards integer, pending integer, source integer, worker uuid) IS 'The where clause of case_list and case_count.';

CREATE FUNCTION public.case_list_found(states smallint[], region_lo bigint, region_hi bigint, category_ids smallint[], organ integer, reported_from timestamp with time zone, reported_to timestamp with time zone, due_before timestamp with time zone, words text, reporter uuid, seen_by integer, cards integer, pending integer, source integer, worker uuid, sort integer, after_day date, after_due timestamp with time zone, after_id uuid, page_size integer, ids uuid[], oldest_day date, newest_day date, segments integer[], slots smallint[], days integer[]) RETURNS SETOF public.case_file
    LANGUAGE plpgsql STABLE
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    AS $$
begin
    return query execute
        'select c.* from ' || case_found_candidates() || ' where '
        || case_list_condition(states, category_ids, organ, reported_from, reported_to, due_before, words, reporter, seen_by,
            cards, pending, source, worker)
        -- The order of the candidates is the order of their cases; said this way, no more are read than the page needs.
        || replace(case_list_page(sort, after_id), 'order by c.cohort_day desc, c.id desc', 'order by p.day desc, p.id desc')
    using states, region_lo, region_hi, category_ids, organ, reported_from, reported_to, due_before, words, reporter, seen_by,
        cards, pending, source, worker, after_day, after_due, after_id, page_size, ids, oldest_day, newest_day, segments, slots, days;
end
$$;

COMMENT ON FUNCTION public.case_list_found(states smallint[], region_lo bigint, region_hi bigint, category_ids smallint[], organ integer, reported_from timestamp with time zone, reported_to timestamp with time zone, due_before timestamp with time zone, words text, reporter uuid, seen_by integer, cards integer, pending integer, source integer, worker uuid, sort integer, after_day date, after_due timestamp with time zone, after_id uuid, page_size integer, ids uuid[], oldest_day date, newest_day date, segments integer[], slots smallint[], days integer[]) IS 'A page of cases by filter, among candidates of the search index.';

CREATE FUNCTION public.case_list_page(sort integer, after_id uuid) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $_$
    select case
            when sort = 2 and after_id is not null then
                ' and (coalesce(c.due_at, ''infinity''), c.id) > (coalesce($17, ''infinity''), $18)'
            when after_id is not null then ' and (c.cohort_day, c.id) < ($16, $18)'
            else ''
        end
        || case
            when sort = 2 then ' order by coalesce(c.due_at, ''infinity''), c.id'
            else ' order by c.cohort_day desc, c.id desc'
        end
        || ' limit $19'
$_$;

COMMENT ON FUNCTION public.case_list_page(sort integer, after_id uuid) IS 'Keyset, order and limit of case_list.';

CREATE FUNCTION public.case_may_merge(merging uuid, lead uuid) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
begin
    perform from case_file where id in (merging, lead) order by id for no key update;
    return exists (select from case_file where id = lead and state between 1 and 9)
        and not exists (select from case_file where merged_into = merging);
end
$$;

COMMENT ON FUNCTION public.case_may_merge(merging uuid, lead uuid) IS 'Locks both cases; true if the merge makes neither a chain nor a circle and the lead is open.';

CREATE FUNCTION public.case_number_text(number bigint) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select lpad((number / 1000000)::text, 12, '0')
        || case when number % 1000000 < 10000 then lpad((number % 1000000)::text, 4, '0') else (number % 1000000)::text end
$$;

COMMENT ON FUNCTION public.case_number_text(number bigint) IS 'A case number as people read it.';

CREATE FUNCTION public.case_text_findable(t text, flags integer) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select case
        when coalesce(nullif(current_setting('wangge.numbers', true), ''), '0')::integer + (flags & 512 = 0)::integer >= 2 then t
        else regexp_replace(t, '[0-9０-９]([ 　－-]?[0-9０-９]){10,}[XxＸｘ]?', '*', 'g')
    end
$$;

COMMENT ON FUNCTION public.case_text_findable(t text, flags integer) IS 'A text without the numbers that its reader is shown masked.';

CREATE FUNCTION public.cell_roll(max_events integer) RETURNS integer
    LANGUAGE plpgsql
    AS $$
declare
    pos cell_position;
    horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
    folded integer;
begin
    if not pg_try_advisory_xact_lock(7463284) then
        return -1;
    end if;
    -- report_settled() need not wait for this transaction: it writes no event.
    perform set_config('application_name', 'wangge cell_roll', true);
    select * into strict pos from cell_position;
    with batch as materialized (
        select
            e.feed_xid, e.seq, e.grid_code, e.cohort_day,
            business_day(e.arrived_at) as event_day,
            e.category_id, e.prev_category_id, e.organ_id, e.prev_organ_id,
            e.stock_before, e.stock_after, e.flow
        from case_event e
        where (e.feed_xid, e.seq) > (pos.feed_xid, pos.seq) and e.feed_xid < horizon
        order by e.feed_xid, e.seq
        limit max_events
    ),
    by_region as materialized (
        select
            l.level, region_at_level(b.grid_code, l.level) as region, b.cohort_day, b.event_day,
            b.stock_before, b.stock_after, b.flow, count(*)::integer as n
        from batch b
        cross join (values (1::smallint), (2::smallint), (3::smallint), (4::smallint), (5::smallint)) l (level)
        where b.stock_before <> b.stock_after or b.flow <> 0
        group by 1, 2, 3, 4, 5, 6, 7
    ),
    by_category as materialized (
        select
            l.level, region_at_level(b.grid_code, l.level) as region, k.category_id,
            month_number(b.cohort_day) as cohort_month, month_number(b.event_day) as event_month,
            k.stock_before, k.stock_after, k.flow, count(*)::integer as n
        from batch b
        cross join lateral event_keys(
            b.category_id, b.prev_category_id, b.organ_id, b.prev_organ_id, b.stock_before, b.stock_after, b.flow
        ) k
        cross join (values (1::smallint), (2::smallint), (3::smallint)) l (level)
        where k.stock_before <> k.stock_after or k.flow <> 0
        group by 1, 2, 3, 4, 5, 6, 7, 8
    ),
    by_organ as materialized (
        select
            k.organ_id, month_number(b.cohort_day) as cohort_month, month_number(b.event_day) as event_month,
            k.stock_before, k.stock_after, k.flow, count(*)::integer as n
        from batch b
        cross join lateral event_keys(
            b.category_id, b.prev_category_id, b.organ_id, b.prev_organ_id, b.stock_before, b.stock_after, b.flow
        ) k
        where k.organ_id is not null and (k.stock_before <> k.stock_after or k.flow <> 0)
        group by 1, 2, 3, 4, 5, 6
    ),
    day_cells as (
        insert into cell_day as t (
            level, region, cohort_day, event_day,
            reported, accepted, valid, closed, self_closed, closings, refused, voided, merged, suspended, forced, reopened, returned, dispatched, reworked, on_time, late, no_deadline, fed_back
        )
        select
            b.level,
            b.region,
            b.cohort_day,
            b.event_day,
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 0)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 1)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 2)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 3)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 4)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 5)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 6)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 7)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 8)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 9)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 10)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 11)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 12)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 13)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 14)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 15)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 16)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 17)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 18))
        from by_region b
        where b.level <= 4
        group by 1, 2, 3, 4
        order by 1, 2, 3, 4
        on conflict (level, region, cohort_day, event_day) do update set
            reported = t.reported + excluded.reported,
            accepted = t.accepted + excluded.accepted,
            valid = t.valid + excluded.valid,
            closed = t.closed + excluded.closed,
            self_closed = t.self_closed + excluded.self_closed,
            closings = t.closings + excluded.closings,
            refused = t.refused + excluded.refused,
            voided = t.voided + excluded.voided,
            merged = t.merged + excluded.merged,
            suspended = t.suspended + excluded.suspended,
            forced = t.forced + excluded.forced,
            reopened = t.reopened + excluded.reopened,
            returned = t.returned + excluded.returned,
            dispatched = t.dispatched + excluded.dispatched,
            reworked = t.reworked + excluded.reworked,
            on_time = t.on_time + excluded.on_time,
            late = t.late + excluded.late,
            no_deadline = t.no_deadline + excluded.no_deadline,
            fed_back = t.fed_back + excluded.fed_back
        returning 1
    ),
    month_cells as (
        insert into cell_month as t (
            level, region, cohort_month, event_month,
            reported, accepted, valid, closed, self_closed, closings, refused, voided, merged, suspended, forced, reopened, returned, dispatched, reworked, on_time, late, no_deadline, fed_back
        )
        select
            b.level,
            b.region,
            month_number(b.cohort_day),
            month_number(b.event_day),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 0)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 1)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 2)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 3)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 4)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 5)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 6)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 7)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 8)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 9)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 10)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 11)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 12)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 13)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 14)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 15)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 16)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 17)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 18))
        from by_region b
        group by 1, 2, 3, 4
        order by 1, 2, 3, 4
        on conflict (level, region, cohort_month, event_month) do update set
            reported = t.reported + excluded.reported,
            accepted = t.accepted + excluded.accepted,
            valid = t.valid + excluded.valid,
            closed = t.closed + excluded.closed,
            self_closed = t.self_closed + excluded.self_closed,
            closings = t.closings + excluded.closings,
            refused = t.refused + excluded.refused,
            voided = t.voided + excluded.voided,
            merged = t.merged + excluded.merged,
            suspended = t.suspended + excluded.suspended,
            forced = t.forced + excluded.forced,
            reopened = t.reopened + excluded.reopened,
            returned = t.returned + excluded.returned,
            dispatched = t.dispatched + excluded.dispatched,
            reworked = t.reworked + excluded.reworked,
            on_time = t.on_time + excluded.on_time,
            late = t.late + excluded.late,
            no_deadline = t.no_deadline + excluded.no_deadline,
            fed_back = t.fed_back + excluded.fed_back
        returning 1
    ),
    category_cells as (
        insert into cell_category_month as t (
            level, region, category_id, cohort_month, event_month,
            reported, accepted, valid, closed, self_closed, closings, refused, voided, merged, suspended, forced, reopened, returned, dispatched, reworked, on_time, late, no_deadline, fed_back
        )
        select
            b.level,
            b.region,
            b.category_id,
            b.cohort_month,
            b.event_month,
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 0)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 1)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 2)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 3)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 4)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 5)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 6)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 7)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 8)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 9)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 10)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 11)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 12)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 13)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 14)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 15)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 16)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 17)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 18))
        from by_category b
        group by 1, 2, 3, 4, 5
        order by 1, 2, 3, 4, 5
        on conflict (level, region, category_id, cohort_month, event_month) do update set
            reported = t.reported + excluded.reported,
            accepted = t.accepted + excluded.accepted,
            valid = t.valid + excluded.valid,
            closed = t.closed + excluded.closed,
            self_closed = t.self_closed + excluded.self_closed,
            closings = t.closings + excluded.closings,
            refused = t.refused + excluded.refused,
            voided = t.voided + excluded.voided,
            merged = t.merged + excluded.merged,
            suspended = t.suspended + excluded.suspended,
            forced = t.forced + excluded.forced,
            reopened = t.reopened + excluded.reopened,
            returned = t.returned + excluded.returned,
            dispatched = t.dispatched + excluded.dispatched,
            reworked = t.reworked + excluded.reworked,
            on_time = t.on_time + excluded.on_time,
            late = t.late + excluded.late,
            no_deadline = t.no_deadline + excluded.no_deadline,
            fed_back = t.fed_back + excluded.fed_back
        returning 1
    ),
    organ_cells as (
        insert into cell_organ_month as t (
            organ_id, cohort_month, event_month,
            reported, accepted, valid, closed, self_closed, closings, refused, voided, merged, suspended, forced, reopened, returned, dispatched, reworked, on_time, late, no_deadline, fed_back
        )
        select
            b.organ_id,
            b.cohort_month,
            b.event_month,
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 0)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 1)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 2)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 3)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 4)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 5)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 6)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 7)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 8)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 9)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 10)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 11)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 12)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 13)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 14)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 15)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 16)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 17)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 18))
        from by_organ b
        group by 1, 2, 3
        order by 1, 2, 3
        on conflict (organ_id, cohort_month, event_month) do update set
            reported = t.reported + excluded.reported,
            accepted = t.accepted + excluded.accepted,
            valid = t.valid + excluded.valid,
            closed = t.closed + excluded.closed,
            self_closed = t.self_closed + excluded.self_closed,
            closings = t.closings + excluded.closings,
            refused = t.refused + excluded.refused,
            voided = t.voided + excluded.voided,
            merged = t.merged + excluded.merged,
            suspended = t.suspended + excluded.suspended,
            forced = t.forced + excluded.forced,
            reopened = t.reopened + excluded.reopened,
            returned = t.returned + excluded.returned,
            dispatched = t.dispatched + excluded.dispatched,
            reworked = t.reworked + excluded.reworked,
            on_time = t.on_time + excluded.on_time,
            late = t.late + excluded.late,
            no_deadline = t.no_deadline + excluded.no_deadline,
            fed_back = t.fed_back + excluded.fed_back
        returning 1
    ),
    last as (
        select feed_xid, seq
        from batch
        order by feed_xid desc, seq desc
        limit 1
    ),
    moved as (
        update cell_position p set
            feed_xid = last.feed_xid,
            seq = last.seq
        from last
        returning 1
    )
    select count(*) into folded from batch;
    if folded > 0 then
        perform cell_roll_more(pos.feed_xid, pos.seq, p.feed_xid, p.seq) from cell_position p;
    end if;
    return folded;
end
$$;

COMMENT ON FUNCTION public.cell_roll(max_events integer) IS 'Folds events of the feed into the report cells.';

CREATE FUNCTION public.cell_roll_more(from_xid xid8, from_seq bigint, to_xid xid8, to_seq bigint) RETURNS void
    LANGUAGE sql
    AS $$
    with batch as materialized (
        select
            e.grid_code, month_number(e.cohort_day) as cohort_month, month_number(business_day(e.arrived_at)) as event_month,
            k.category_id, k.organ_id, k.more_before, k.more_after, k.more_flow, count(*)::integer as n
        from case_event e
        cross join lateral event_more_keys(
            e.category_id, e.prev_category_id, e.organ_id, e.prev_organ_id, e.more_before, e.more_after, e.more_flow
        ) k
        where (e.feed_xid, e.seq) > (from_xid, from_seq) and (e.feed_xid, e.seq) <= (to_xid, to_seq)
            and coalesce(e.more_before, e.more_after, e.more_flow) is not null
        group by 1, 2, 3, 4, 5, 6, 7, 8
    ),
    change as materialized (
        select b.grid_code, b.cohort_month, b.event_month, b.category_id, b.organ_id, m.measure::smallint as measure, sum(b.n * d.delta) as n
        from batch b
        cross join generate_series(19, 50) m (measure)
        cross join lateral more_delta(b.more_before, b.more_after, b.more_flow, m.measure) d (delta)
        where d.delta <> 0
        group by 1, 2, 3, 4, 5, 6
    ),
    month_cells as (
        insert into cell_more_month as t (level, region, measure, cohort_month, event_month, n)
        select l.level, region_at_level(c.grid_code, l.level), c.measure, c.cohort_month, c.event_month, sum(c.n)
        from change c
        cross join (values (1::smallint), (2::smallint), (3::smallint), (4::smallint)) l (level)
        group by 1, 2, 3, 4, 5
        having sum(c.n) <> 0
        order by 1, 3, 2, 4, 5
        on conflict (level, measure, region, cohort_month, event_month) do update set n = t.n + excluded.n
        returning 1
    ),
    category_cells as (
        insert into cell_more_category_month as t (level, region, category_id, measure, cohort_month, event_month, n)
        select l.level, region_at_level(c.grid_code, l.level), c.category_id, c.measure, c.cohort_month, c.event_month, sum(c.n)
        from change c
        cross join (values (1::smallint), (2::smallint), (3::smallint)) l (level)
        group by 1, 2, 3, 4, 5, 6
        having sum(c.n) <> 0
        order by 1, 4, 2, 3, 5, 6
        on conflict (level, measure, region, category_id, cohort_month, event_month) do update set n = t.n + excluded.n
        returning 1
    )
    insert into cell_more_organ_month as t (organ_id, measure, cohort_month, event_month, n)
    select c.organ_id, c.measure, c.cohort_month, c.event_month, sum(c.n)
    from change c
    where c.organ_id is not null
    group by 1, 2, 3, 4
    having sum(c.n) <> 0
    order by 2, 1, 3, 4
    on conflict (measure, organ_id, cohort_month, event_month) do update set n = t.n + excluded.n
$$;

COMMENT ON FUNCTION public.cell_roll_more(from_xid xid8, from_seq bigint, to_xid xid8, to_seq bigint) IS 'Folds the measures from 19 on of a stretch of the feed into their cells.';

CREATE FUNCTION public.clock_add_limits(given jsonb) RETURNS integer
    LANGUAGE plpgsql
    AS $$
declare
    added integer;
    late text;
begin
    perform pg_advisory_xact_lock(hashtext('clock_add_limits'));
    select string_agg(format('clock %s, category "%s", from %s', r.clock, r.category_prefix, r.valid_from), '; ') into late
    from jsonb_to_recordset(given) as x (clock smallint, category text, urgency smallint, region bigint, "from" timestamptz)
    join limit_rule r
        on r.clock = x.clock and r.category_prefix = x.category and r.urgency = x.urgency and r.region_code = x.region
            and r.valid_from >= x."from";
    if late is not null then
        raise exception 'there is a later or equal one already: %', late using errcode = 'WG412';
    end if;

    update limit_rule r set valid_to = x."from"
    from jsonb_to_recordset(given) as x (clock smallint, category text, urgency smallint, region bigint, "from" timestamptz)
    where r.clock = x.clock and r.category_prefix = x.category and r.urgency = x.urgency and r.region_code = x.region
        and (r.valid_to is null or r.valid_to > x."from");

    insert into limit_rule (clock, category_prefix, urgency, region_code, unit, amount, valid_from)
    select x.clock, x.category, x.urgency, x.region, x.unit, x.amount, x."from"
    from jsonb_to_recordset(given) as x (
        clock smallint, category text, urgency smallint, region bigint, unit smallint, amount integer, "from" timestamptz
    );
    get diagnostics added = row_count;
    perform pg_notify('directory_changed', '');
    return added;
end
$$;

COMMENT ON FUNCTION public.clock_add_limits(given jsonb) IS 'Adds limits and ends those they follow; all or nothing.';

CREATE FUNCTION public.clock_set_calendar(given jsonb) RETURNS integer
    LANGUAGE plpgsql
    AS $$
declare
    of_region bigint := coalesce(nullif(rpad(given ->> 'regionCode', 15, '0'), repeat('0', 15))::bigint, 0);
    changed integer := 0;
    n integer;
    wanted jsonb;
begin
    -- One writer at a time: two changes of one calendar would mix their seasons.
    perform pg_advisory_xact_lock(hashtext('clock_set_calendar'));
    insert into calendar as t (region_code, code, name, utc_offset_minutes)
    values (of_region, given ->> 'code', given ->> 'name', (given ->> 'utcOffsetMinutes')::integer)
    on conflict (region_code) do update set
        code = excluded.code,
        name = excluded.name,
        utc_offset_minutes = excluded.utc_offset_minutes
    where (t.code, t.name, t.utc_offset_minutes) is distinct from (excluded.code, excluded.name, excluded.utc_offset_minutes);
    get diagnostics n = row_count;
    changed := changed + n;

    select
        jsonb_agg(
            jsonb_build_object(
                'seq', x.ordinality,
                'from_month_day', nullif(replace(x.value ->> 'from', '-', ''), '')::smallint,
                'to_month_day', nullif(replace(x.value ->> 'to', '-', ''), '')::smallint,
                'weekdays', (x.value ->> 'weekdays')::smallint,
                'shifts', clock_shifts_text(x.value -> 'shifts')
            ) order by x.ordinality
        )
    into wanted
    from jsonb_array_elements(given -> 'seasons') with ordinality as x;
    if wanted is not null and wanted is distinct from (
        select jsonb_agg(to_jsonb(s) - 'region_code' order by s.seq) from calendar_season s where s.region_code = of_region
    ) then
        delete from calendar_season where region_code = of_region;
        insert into calendar_season (region_code, seq, from_month_day, to_month_day, weekdays, shifts)
        select of_region, x.seq, x.from_month_day, x.to_month_day, x.weekdays, x.shifts
        from jsonb_to_recordset(wanted) as x (seq smallint, from_month_day smallint, to_month_day smallint, weekdays smallint, shifts text);
        get diagnostics n = row_count;
        changed := changed + n;
    end if;

    insert into calendar_day as t (region_code, day, working, name, shifts)
    select of_region, (x.value ->> 'date')::date, (x.value ->> 'working')::boolean, x.value ->> 'name', clock_shifts_text(x.value -> 'shifts')
    from jsonb_array_elements(given -> 'days') as x
    on conflict (region_code, day) do update set
        working = excluded.working,
        name = excluded.name,
        shifts = excluded.shifts
    where (t.working, t.name, t.shifts) is distinct from (excluded.working, excluded.name, excluded.shifts);
    get diagnostics n = row_count;
    changed := changed + n;

    if changed > 0 then
        perform pg_notify('directory_changed', '');
    end if;
    return changed;
end
$$;

COMMENT ON FUNCTION public.clock_set_calendar(given jsonb) IS 'Adds or changes a calendar; all or nothing.';

CREATE FUNCTION public.clock_shifts_text(shifts jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
    select coalesce(
        string_agg(
            to_char(make_interval(mins => (value ->> 'fromMinute')::integer), 'HH24:MI')
            || '-' || to_char(make_interval(mins => (value ->> 'toMinute')::integer), 'HH24:MI'),
            ' ' order by ordinality
        ),
        ''
    )
    from jsonb_array_elements(shifts) with ordinality
$$;

COMMENT ON FUNCTION public.clock_shifts_text(shifts jsonb) IS 'Working intervals as the tables hold them.';

CREATE FUNCTION public.directory_import(rows jsonb) RETURNS integer
    LANGUAGE plpgsql
    AS $$
declare
    changed integer := 0;
    n integer;
    bad text;
begin
    select string_agg(r.code::text, ', ') into bad
    from jsonb_to_recordset(rows -> 'regions') as x (code bigint, level smallint, valid_to date, boundary double precision[])
    join region r on r.code = x.code and r.level = x.level
    where (r.valid_to is not null and x.valid_to is distinct from r.valid_to)
        or (
            r.boundary is not null and x.boundary is distinct from r.boundary
            and exists (select from case_file c where c.grid_code = r.code)
        );
    if bad is not null then
        raise exception 'void regions and borders of grids with cases do not change: %', bad using errcode = 'WG412';
    end if;

    insert into region as t (code, level, name, initials, valid_from, valid_to, boundary)
    select code, level, name, initials, coalesce(valid_from, '1949-10-01'), valid_to, boundary
    from jsonb_to_recordset(rows -> 'regions') as x (
        code bigint, level smallint, name text, initials text, valid_from date, valid_to date, boundary double precision[]
    )
    on conflict (code, level) do update set
        name = excluded.name,
        initials = excluded.initials,
        valid_from = excluded.valid_from,
        valid_to = excluded.valid_to,
        boundary = excluded.boundary
    where (t.name, t.initials, t.valid_from, t.valid_to, t.boundary)
        is distinct from (excluded.name, excluded.initials, excluded.valid_from, excluded.valid_to, excluded.boundary);
    get diagnostics n = row_count;
    changed := changed + n;

    insert into category as t (
        code, name, name_en, top_name, group_name, initials, aliases, settle_allowed, counted, check_waived, active, handle_limit_minutes,
        evidence_settle, evidence_feedback
    )
    select
        code, name, name_en, top_name, group_name, initials, aliases, settle_allowed, counted, check_waived, active, handle_limit_minutes,
        coalesce(evidence_settle, false), coalesce(evidence_feedback, false)
    from jsonb_to_recordset(rows -> 'categories') as x (
        code text, name text, name_en text, top_name text, group_name text, initials text, aliases text[], settle_allowed boolean,
        counted boolean, check_waived boolean, active boolean, handle_limit_minutes integer[], evidence_settle boolean,
        evidence_feedback boolean
    )
    on conflict (code) do update set
        name = excluded.name,
        name_en = excluded.name_en,
        top_name = excluded.top_name,
        group_name = excluded.group_name,
        initials = excluded.initials,
        aliases = excluded.aliases,
        settle_allowed = excluded.settle_allowed,
        counted = excluded.counted,
        check_waived = excluded.check_waived,
        active = excluded.active,
        handle_limit_minutes = excluded.handle_limit_minutes,
        evidence_settle = excluded.evidence_settle,
        evidence_feedback = excluded.evidence_feedback
    where (t.name, t.name_en, t.top_name, t.group_name, t.initials, t.aliases, t.settle_allowed, t.counted, t.check_waived, t.active,
            t.handle_limit_minutes, t.evidence_settle, t.evidence_feedback)
        is distinct from (excluded.name, excluded.name_en, excluded.top_name, excluded.group_name, excluded.initials, excluded.aliases,
            excluded.settle_allowed, excluded.counted, excluded.check_waived, excluded.active, excluded.handle_limit_minutes, excluded.evidence_settle,
            excluded.evidence_feedback);
    get diagnostics n = row_count;
    changed := changed + n;

    insert into organ as t (code, name, kind, region_code, region_level, initials, active)
    select code, name, kind, region_code, region_level, initials, active
    from jsonb_to_recordset(rows -> 'organs') as x (
        code text, name text, kind smallint, region_code bigint, region_level smallint, initials text, active boolean
    )
    on conflict (code) do update set
        name = excluded.name,
        kind = excluded.kind,
        region_code = excluded.region_code,
        region_level = excluded.region_level,
        initials = excluded.initials,
        active = excluded.active
    where (t.name, t.kind, t.region_code, t.region_level, t.initials, t.active)
        is distinct from (excluded.name, excluded.kind, excluded.region_code, excluded.region_level, excluded.initials, excluded.active);
    get diagnostics n = row_count;
    changed := changed + n;

    insert into calendar_day as t (day, working, name)
    select date, working, name
    from jsonb_to_recordset(rows -> 'days') as x (date date, working boolean, name text)
    on conflict (region_code, day) do update set
        working = excluded.working,
        name = excluded.name
    where (t.working, t.name) is distinct from (excluded.working, excluded.name);
    get diagnostics n = row_count;
    changed := changed + n;

    if changed > 0 then
        perform pg_notify('directory_changed', '');
    end if;
    return changed;
end
$$;

COMMENT ON FUNCTION public.directory_import(rows jsonb) IS 'Adds or changes directory rows; all or nothing.';

CREATE FUNCTION public.dispatch_rules_set(rules jsonb, who uuid, at timestamp with time zone) RETURNS integer
    LANGUAGE plpgsql
    AS $$
declare
    gone integer;
    written integer;
begin
    delete from dispatch_rule r
    using jsonb_to_recordset(rules) as x (id uuid, removed boolean)
    where r.id = x.id and x.removed;
    get diagnostics gone = row_count;
    insert into dispatch_rule as r (
        id, category_prefix, region_code, weekdays, from_minute, to_minute, organ_id, co_organ_ids, priority, note, changed_at, changed_by
    )
    select
        x.id, x.category_prefix, x.region_code, x.weekdays, x.from_minute, x.to_minute, x.organ_id,
        coalesce((select array_agg(c::integer) from jsonb_array_elements_text(x.co_organ_ids) c), '{}'), x.priority, x.note, at, who
    from jsonb_to_recordset(rules) as x (
        id uuid, category_prefix text, region_code bigint, weekdays smallint, from_minute smallint, to_minute smallint,
        organ_id integer, co_organ_ids jsonb, priority integer, note text, removed boolean
    )
    where not x.removed
    order by x.id
    on conflict (id) do update set
        category_prefix = excluded.category_prefix, region_code = excluded.region_code, weekdays = excluded.weekdays,
        from_minute = excluded.from_minute, to_minute = excluded.to_minute, organ_id = excluded.organ_id,
        co_organ_ids = excluded.co_organ_ids, priority = excluded.priority, note = excluded.note,
        changed_at = excluded.changed_at, changed_by = excluded.changed_by
    where (r.category_prefix, r.region_code, r.weekdays, r.from_minute, r.to_minute, r.organ_id, r.co_organ_ids, r.priority, r.note)
        is distinct from (excluded.category_prefix, excluded.region_code, excluded.weekdays, excluded.from_minute,
            excluded.to_minute, excluded.organ_id, excluded.co_organ_ids, excluded.priority, excluded.note);
    get diagnostics written = row_count;
    if gone + written > 0 then
        perform pg_notify('rules_changed', '');
    end if;
    return gone + written;
end
$$;

COMMENT ON FUNCTION public.dispatch_rules_set(rules jsonb, who uuid, at timestamp with time zone) IS 'Adds, changes and removes dispatch rules.';

CREATE FUNCTION public.event_keys(new_category smallint, old_category smallint, new_organ integer, old_organ integer, before integer, after integer, flow integer) RETURNS TABLE(category_id smallint, organ_id integer, stock_before integer, stock_after integer, flow integer)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select
        new_category, new_organ,
        case when new_category = old_category and new_organ is not distinct from old_organ then before else 0 end, after, flow
    union all
    select old_category, old_organ, before, 0, 0
    where (new_category <> old_category or new_organ is distinct from old_organ) and before <> 0
$$;

COMMENT ON FUNCTION public.event_keys(new_category smallint, old_category smallint, new_organ integer, old_organ integer, before integer, after integer, flow integer) IS 'The category and organ keys an event changes measures under.';

CREATE FUNCTION public.event_more_keys(new_category smallint, old_category smallint, new_organ integer, old_organ integer, before bigint, after bigint, flow bigint) RETURNS TABLE(category_id smallint, organ_id integer, more_before bigint, more_after bigint, more_flow bigint)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select
        new_category, new_organ,
        case when new_category = old_category and new_organ is not distinct from old_organ then before end, after, flow
    union all
    select old_category, old_organ, before, null, null
    where (new_category <> old_category or new_organ is distinct from old_organ) and before is not null
$$;

COMMENT ON FUNCTION public.event_more_keys(new_category smallint, old_category smallint, new_organ integer, old_organ integer, before bigint, after bigint, flow bigint) IS 'The category and organ keys an event changes the measures from 19 on under.';

CREATE FUNCTION public.frozen_report_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'frozen reports are never changed'
        using errcode = 'WG900';
end
$$;

COMMENT ON FUNCTION public.frozen_report_is_append_only() IS 'Refuses every change to a frozen report.';

CREATE FUNCTION public.inbox(account uuid, organ integer, role integer, region bigint, region_lo bigint, region_hi bigint, seen_by_organ integer, reporter uuid, source integer, after_id bigint, before_id bigint) RETURNS TABLE(id bigint, kind smallint, case_id uuid, event_version integer, at timestamp with time zone, approval smallint, due_at timestamp with time zone, through_number bigint, number bigint, state smallint, case_due_at timestamp with time zone, description text, is_read boolean, action smallint, actor_id uuid, actor_name text, actor_role smallint, actor_organ_id integer, grid_code bigint)
    LANGUAGE sql STABLE
    AS $_$
    select
        n.id, n.kind, n.case_id, n.event_version, n.at, n.approval, n.due_at, n.through_number, c.number, c.state, c.due_at,
        c.description, coalesce(x.read, n.id <= coalesce(m.up_to, 0)),
        n.action,
        -- The reporter of a confidential case (flag 512) is not named to anybody here.
        case when c.flags & 512 = 0 or n.actor_id <> c.reporter_id then n.actor_id end,
        case when c.flags & 512 = 0 or n.actor_id <> c.reporter_id then n.actor_name end,
        case when c.flags & 512 = 0 or n.actor_id <> c.reporter_id then n.actor_role end,
        case when c.flags & 512 = 0 or n.actor_id <> c.reporter_id then n.actor_organ_id end,
        c.grid_code
    from (
        select u.*
        from (
            (select a.* from notice a where a.account_id = $1 and a.id > $10 and a.id < $11 order by a.id desc)
            union all
            (
                select o.* from notice o
                where o.organ_id = $2 and (o.roles = 0 or (o.roles >> $3) & 1 = 1) and o.id > $10 and o.id < $11
                order by o.id desc
            )
            union all
            (
                select r.* from notice r
                where r.region_code = $4 and (r.roles >> $3) & 1 = 1 and r.id > $10 and r.id < $11
                order by r.id desc
            )
        ) u
        order by u.id desc
    ) n
    join case_file c on c.id = n.case_id
    left join notice_mark m on m.account_id = $1
    left join notice_exception x on x.account_id = $1 and x.notice_id = n.id
    where c.grid_code between $5 and $6
        and ($7 is null or c.organ_id = $7 or $7 = any (c.co_organ_ids))
        and ($8 is null or c.reporter_id = $8)
        and ($9 is null or c.source_id = $9)
        and n.actor_id is distinct from $1
$_$;

COMMENT ON FUNCTION public.inbox(account uuid, organ integer, role integer, region bigint, region_lo bigint, region_hi bigint, seen_by_organ integer, reporter uuid, source integer, after_id bigint, before_id bigint) IS 'The notices of an account, as far as it may see their cases now.';

CREATE FUNCTION public.measure_delta(stock_before integer, stock_after integer, flow integer, m integer) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select ((stock_after >> m) & 1) - ((stock_before >> m) & 1) + ((flow >> m) & 1)
$$;

COMMENT ON FUNCTION public.measure_delta(stock_before integer, stock_after integer, flow integer, m integer) IS 'Change of measure m by one event.';

CREATE FUNCTION public.month_number(d date) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select (extract(year from d)::integer * 12 + extract(month from d)::integer - 1)
$$;

COMMENT ON FUNCTION public.month_number(d date) IS 'year * 12 + month - 1.';

CREATE FUNCTION public.more_delta(more_before bigint, more_after bigint, more_flow bigint, m integer) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select (((coalesce(more_after, 0) >> (m - 19)) & 1) - ((coalesce(more_before, 0) >> (m - 19)) & 1)
        + ((coalesce(more_flow, 0) >> (m - 19)) & 1))::integer
$$;

COMMENT ON FUNCTION public.more_delta(more_before bigint, more_after bigint, more_flow bigint, m integer) IS 'Change of a measure from 19 on by one event.';

CREATE FUNCTION public.notice_region(grid bigint, from_level integer, role_mask integer) RETURNS bigint
    LANGUAGE sql STABLE
    AS $$
    select coalesce(
        (
            select a.region_code
            from account a
            where a.region_code in (
                    select region_at_level(grid, l) from generate_series(1, from_level) l
                )
                and (role_mask >> a.role) & 1 = 1
                and not a.disabled
            order by a.region_level desc
            limit 1
        ),
        region_at_level(grid, from_level)
    )
$$;

COMMENT ON FUNCTION public.notice_region(grid bigint, from_level integer, role_mask integer) IS 'Whose notice it is, of those who hold a role at or above a level.';

CREATE FUNCTION public.region_at_level(code bigint, level integer) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select case level
        when 5 then code
        when 4 then code / 1000 * 1000
        when 3 then code / 1000000 * 1000000
        when 2 then code / 1000000000 * 1000000000
        when 1 then code / 100000000000 * 100000000000
    end
$$;

COMMENT ON FUNCTION public.region_at_level(code bigint, level integer) IS 'A padded region code cut to a level.';

CREATE FUNCTION public.report_settled(at timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select at - coalesce(max(clock_timestamp() - a.xact_start) + interval '5 milliseconds', interval '0')
    from pg_stat_activity a
    where a.backend_xid is not null and a.datname = current_database() and a.pid <> pg_backend_pid()
        -- Folding writes cells, never an event.
        and a.application_name <> 'wangge cell_roll'
$$;

COMMENT ON FUNCTION public.report_settled(at timestamp with time zone) IS 'The latest as-of instant that no write under way can still change.';

CREATE FUNCTION public.search_behind(max_events integer) RETURNS TABLE(generation bigint, events integer, case_id uuid)
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    AS $$
declare
    pos search_position;
begin
    select * into strict pos from search_position;
    return query
    with tail as materialized (
        select e.case_id, search_matters(e) as matters
        from case_event e
        where (e.feed_xid, e.seq) > (pos.feed_xid, pos.seq)
        order by e.feed_xid desc, e.seq desc
        limit max_events + 1
    )
    select pos.generation, (select count(*)::integer from tail), b.case_id
    from (select) one
    left join (select distinct t.case_id from tail t where t.matters) b on true;
end
$$;

COMMENT ON FUNCTION public.search_behind(max_events integer) IS 'Cases that the search index does not hold as they are now, by id.';

CREATE FUNCTION public.search_fetch(segments integer[], slots smallint[], days integer[], region_lo bigint, region_hi bigint, states smallint[], organ integer, reporter uuid, source integer, after_day date, after_id uuid, max_rows integer) RETURNS SETOF public.case_file
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    AS $$
begin
    return query
    select c.*
    from (
        select u.day, s.case_id
        from unnest(segments, slots, days) u (segment, slot, day)
        cross join lateral (select x.case_id from search_slot x where x.segment = u.segment and x.slot = u.slot offset 0) s
        order by u.day desc, s.case_id desc
    ) p
    cross join lateral (select f.* from case_file f where f.id = p.case_id offset 0) c
    where c.grid_code between region_lo and region_hi
        and (states is null or c.state = any (states))
        and (organ is null or c.organ_id = organ or organ = any (c.co_organ_ids))
        and (reporter is null or c.reporter_id = reporter)
        and (source is null or c.source_id = source)
        and (after_id is null or (c.cohort_day, c.id) < (after_day, after_id))
    order by p.day desc, p.case_id desc
    limit max_rows;
end
$$;

COMMENT ON FUNCTION public.search_fetch(segments integer[], slots smallint[], days integer[], region_lo bigint, region_hi bigint, states smallint[], organ integer, reporter uuid, source integer, after_day date, after_id uuid, max_rows integer) IS 'The cases at places of the search index.';

CREATE FUNCTION public.search_fold(was_xid xid8, was_seq bigint, now_xid xid8, now_seq bigint, slot_cases uuid[], slot_segments integer[], slot_slots smallint[], segments integer[], segment_slots smallint[], segment_days bytea[], posting_terms integer[], posting_segments integer[], posting_hits bytea[]) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
begin
    if not pg_try_advisory_xact_lock(7463285) then
        return false;
    end if;
    update search_position p set feed_xid = now_xid, seq = now_seq where p.feed_xid = was_xid and p.seq = was_seq;
    if not found then
        return false;
    end if;
    insert into search_slot (case_id, segment, slot)
    select * from unnest(slot_cases, slot_segments, slot_slots);
    insert into search_segment as s (segment, slots, days)
    select * from unnest(segments, segment_slots, segment_days)
    on conflict (segment) do update set slots = excluded.slots, days = excluded.days;
    insert into search_posting as p (term, segment, hits)
    select * from unnest(posting_terms, posting_segments, posting_hits)
    on conflict (term, segment) do update set hits = excluded.hits;
    return true;
end
$$;

COMMENT ON FUNCTION public.search_fold(was_xid xid8, was_seq bigint, now_xid xid8, now_seq bigint, slot_cases uuid[], slot_segments integer[], slot_slots smallint[], segments integer[], segment_slots smallint[], segment_days bytea[], posting_terms integer[], posting_segments integer[], posting_hits bytea[]) IS 'Writes one batch into the search index.';

CREATE TABLE public.case_event (
    case_id uuid NOT NULL,
    version integer NOT NULL,
    seq bigint NOT NULL,
    feed_xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    request_id uuid NOT NULL,
    request_hash bigint NOT NULL,
    happened_at timestamp with time zone NOT NULL,
    arrived_at timestamp with time zone NOT NULL,
    grid_code bigint NOT NULL,
    cohort_day date NOT NULL,
    category_id smallint NOT NULL,
    prev_category_id smallint NOT NULL,
    organ_id integer,
    prev_organ_id integer,
    action smallint NOT NULL,
    from_state smallint NOT NULL,
    to_state smallint NOT NULL,
    check_result smallint NOT NULL,
    stock_before integer NOT NULL,
    stock_after integer NOT NULL,
    flow integer NOT NULL,
    actor_role smallint NOT NULL,
    imported boolean NOT NULL,
    actor_id uuid NOT NULL,
    actor_organ_id integer,
    actor_name text NOT NULL,
    text text,
    reason_code text,
    receiver text,
    approval smallint DEFAULT 0 NOT NULL,
    card smallint DEFAULT 0 NOT NULL,
    level smallint DEFAULT 0 NOT NULL,
    until timestamp with time zone,
    target_case_id uuid,
    outside_number text,
    co_organ_ids integer[],
    more_before bigint,
    more_after bigint,
    more_flow bigint,
    handle_due_before timestamp with time zone,
    handle_due_after timestamp with time zone,
    overall_due_before timestamp with time zone,
    overall_due_after timestamp with time zone,
    CONSTRAINT case_event_approval_check CHECK (((approval >= 0) AND (approval <= 4))),
    CONSTRAINT case_event_card_check CHECK (((card >= 0) AND (card <= 3))),
    CONSTRAINT case_event_outside_number_check CHECK ((char_length(outside_number) <= 64)),
    CONSTRAINT case_event_text_check CHECK ((char_length(text) <= 2000))
);

COMMENT ON TABLE public.case_event IS 'Every step of every case. Only ever inserted into; it is also the idempotency record and the change feed.';

COMMENT ON COLUMN public.case_event.case_id IS 'The case.';

COMMENT ON COLUMN public.case_event.version IS 'Position in the case, from 1; the version it made.';

COMMENT ON COLUMN public.case_event.seq IS 'Position in the feed within one transaction id.';

COMMENT ON COLUMN public.case_event.feed_xid IS 'The transaction that wrote it: the feed is ordered by (feed_xid, seq) below the snapshot horizon.';

COMMENT ON COLUMN public.case_event.request_id IS 'Idempotency key of the request.';

COMMENT ON COLUMN public.case_event.request_hash IS 'First 64 bits of the request''s BLAKE2b: the same key with another body is refused.';

COMMENT ON COLUMN public.case_event.happened_at IS 'When it happened where it happened.';

COMMENT ON COLUMN public.case_event.arrived_at IS 'When the server (imported: the source system) learned of it: the axis of every as-of.';

COMMENT ON COLUMN public.case_event.grid_code IS 'Of the case.';

COMMENT ON COLUMN public.case_event.cohort_day IS 'Of the case.';

COMMENT ON COLUMN public.case_event.category_id IS 'Of the case after the event.';

COMMENT ON COLUMN public.case_event.prev_category_id IS 'Of the case before the event.';

COMMENT ON COLUMN public.case_event.organ_id IS 'Lead organ after the event.';

COMMENT ON COLUMN public.case_event.prev_organ_id IS 'Lead organ before the event.';

COMMENT ON COLUMN public.case_event.action IS 'As wangge.v1.Action.';

COMMENT ON COLUMN public.case_event.from_state IS 'As wangge.v1.CaseState; 0 at birth.';

COMMENT ON COLUMN public.case_event.to_state IS 'As wangge.v1.CaseState.';

COMMENT ON COLUMN public.case_event.check_result IS 'As wangge.v1.CheckResult; 0 if none.';

COMMENT ON COLUMN public.case_event.stock_before IS 'Bit m set: the case counted in stock measure m before the event.';

COMMENT ON COLUMN public.case_event.stock_after IS 'Bit m set: it counts in stock measure m from the event on.';

COMMENT ON COLUMN public.case_event.flow IS 'Bit m set: the event is one act of flow measure m.';

COMMENT ON COLUMN public.case_event.actor_role IS 'As wangge.v1.Role.';

COMMENT ON COLUMN public.case_event.imported IS 'It came by the history import.';

COMMENT ON COLUMN public.case_event.actor_id IS 'Account, or an id derived from the source''s name for the person.';

COMMENT ON COLUMN public.case_event.actor_organ_id IS 'The actor''s organ.';

COMMENT ON COLUMN public.case_event.actor_name IS 'Display name at the time.';

COMMENT ON COLUMN public.case_event.text IS 'What was written.';

COMMENT ON COLUMN public.case_event.reason_code IS 'Reason code.';

COMMENT ON COLUMN public.case_event.receiver IS 'Organ code or case number it went to.';

COMMENT ON COLUMN public.case_event.approval IS 'As wangge.v1.ApprovalKind: the request it makes, endorses, declines or grants; 0 of other steps.';

COMMENT ON COLUMN public.case_event.card IS 'As wangge.v1.Card: the card it gave.';

COMMENT ON COLUMN public.case_event.level IS 'Level that holds the case after it; 0 where it was not recorded.';

COMMENT ON COLUMN public.case_event.until IS 'The time it set: a due time, a resume date, a reply limit.';

COMMENT ON COLUMN public.case_event.target_case_id IS 'The lead case of a merge or a split.';

COMMENT ON COLUMN public.case_event.outside_number IS 'The number the case has where it was referred to.';

COMMENT ON COLUMN public.case_event.co_organ_ids IS 'Of a dispatch: the organs it named to help; null of all other steps, of none, and before they were kept.';

COMMENT ON COLUMN public.case_event.more_before IS 'Bits of the measures from 19 on (bit 0: measure 19) that hold before the event; null: none.';

COMMENT ON COLUMN public.case_event.more_after IS 'The same after the event.';

COMMENT ON COLUMN public.case_event.more_flow IS 'The same of acts: what the event itself counts as.';

COMMENT ON COLUMN public.case_event.handle_due_before IS 'Before the event: when the handling clock that runs is due, or, fed back in time and still open, was due; null: neither.';

COMMENT ON COLUMN public.case_event.handle_due_after IS 'The same after the event.';

COMMENT ON COLUMN public.case_event.overall_due_before IS 'Before the event: when the overall clock of a valid open case is due; null: it does not run or has no limit.';

COMMENT ON COLUMN public.case_event.overall_due_after IS 'The same after the event.';

CREATE FUNCTION public.search_matters(e public.case_event) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select e.version = 1 or e.category_id <> e.prev_category_id or e.organ_id is distinct from e.prev_organ_id
        or e.action in (9, 10, 12, 13) or (e.from_state <= 9) <> (e.to_state <= 9)
$$;

COMMENT ON FUNCTION public.search_matters(e public.case_event) IS 'Whether an event changes what the search index holds of its case.';

CREATE FUNCTION public.search_reset() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
    perform pg_advisory_xact_lock(7463285);
    truncate search_slot, search_segment, search_posting;
    update search_position set feed_xid = '0', seq = 0, generation = generation + 1;
end
$$;

COMMENT ON FUNCTION public.search_reset() IS 'Empties the search index.';

CREATE FUNCTION public.search_tail(region_lo bigint, region_hi bigint, states smallint[], organ integer, reporter uuid, source integer, after_day date, after_id uuid, max_rows integer) RETURNS SETOF public.case_file
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    AS $$
begin
    return query
    select c.*
    from search_behind(8192) b
    cross join lateral (select f.* from case_file f where f.id = b.case_id offset 0) c
    where c.grid_code between region_lo and region_hi
        and (states is null or c.state = any (states))
        and (organ is null or c.organ_id = organ or organ = any (c.co_organ_ids))
        and (reporter is null or c.reporter_id = reporter)
        and (source is null or c.source_id = source)
        and (after_id is null or (c.cohort_day, c.id) < (after_day, after_id))
    order by c.cohort_day desc, c.id desc
    limit max_rows;
end
$$;

COMMENT ON FUNCTION public.search_tail(region_lo bigint, region_hi bigint, states smallint[], organ integer, reporter uuid, source integer, after_day date, after_id uuid, max_rows integer) IS 'Cases that the search index does not hold as they are now.';

CREATE FUNCTION public.verify(max_rows integer) RETURNS TABLE(kind text, detail text)
    LANGUAGE plpgsql STABLE
    AS $$
begin
    return query
    with steps as (
        select
            e.case_id, e.version, e.action, e.from_state, e.to_state, e.stock_before, e.stock_after, e.flow, e.organ_id, e.prev_organ_id,
            bool_or(e.action in (2, 6)) over w as accepted_ever,
            coalesce(bool_or(e.action in (2, 6)) over before, false) as accepted_before,
            count(*) filter (where e.action = 25) over w as reopenings,
            count(*) filter (where e.action = 21) over w as reworks,
            -- The action of the last closing so far: arrays of (version, action) sort by version.
            max(array[e.version, e.action]) filter (where e.to_state = 10 and e.from_state not in (10, 11)) over w as last_closing
        from case_event e
        window
            w as (partition by e.case_id order by e.version),
            before as (partition by e.case_id order by e.version rows between unbounded preceding and 1 preceding)
    ),
    expected as (
        select
            s.*,
            case when s.stock_after & 1 = 0 then 0 else
                1
                + ((s.accepted_ever and s.to_state not in (12, 13, 14))::integer << 2)
                + ((s.to_state in (10, 11))::integer << 3)
                + ((s.to_state in (10, 11) and s.last_closing[2] = 2)::integer << 4)
                + ((s.to_state = 12)::integer << 6)
                + ((s.to_state = 13)::integer << 7)
                + ((s.to_state = 14)::integer << 8)
                + ((s.to_state = 6)::integer << 9)
                + ((s.to_state in (10, 11) and s.last_closing[2] = 23)::integer << 10)
                + ((s.accepted_ever and s.to_state not in (12, 13, 14) and s.reopenings > 0)::integer << 11)
                + ((s.accepted_ever and s.to_state not in (12, 13, 14) and s.reworks > 0)::integer << 14)
            end as stock,
            case when s.stock_after & 1 = 0 then 0 else
                ((s.accepted_ever and not s.accepted_before)::integer << 1)
                + ((s.to_state = 10 and s.from_state not in (10, 11))::integer << 5)
                + ((s.action = 12)::integer << 12)
                + ((s.action = 9 or (s.action = 13 and s.organ_id is distinct from s.prev_organ_id))::integer << 13)
                + ((s.action = 18)::integer << 18)
            end as acts
        from steps s
    )
    select 'event'::text, format('case %s version %s: counted %s and %s, stored %s and %s', x.case_id, x.version, x.stock, x.acts,
        x.stock_after & ~229376, x.flow)
    from expected x
    -- The three clock measures follow from limits the events do not repeat; the identity below holds them together.
    where x.stock <> x.stock_after & ~229376 or x.acts <> x.flow
    limit max_rows;

    return query
    with steps as (
        select
            e.case_id, e.version, e.from_state, e.stock_before,
            row_number() over w as position,
            lag(e.to_state) over w as state_before,
            lag(e.stock_after) over w as left_at
        from case_event e
        window w as (partition by e.case_id order by e.version)
    )
    select 'chain'::text, format('case %s version %s', s.case_id, s.version)
    from steps s
    where s.version <> s.position
        or s.from_state <> coalesce(s.state_before, 0)
        or s.stock_before <> coalesce(s.left_at, 0)
    limit max_rows;

    return query
    select 'case_file'::text, format('case %s: version %s state %s, its last event %s state %s', c.id, c.version, c.state, l.version, l.to_state)
    from case_file c
    left join lateral (
        select e.version, e.to_state, e.category_id, e.organ_id
        from case_event e
        where e.case_id = c.id
        order by e.version desc
        limit 1
    ) l on true
    where (c.version, c.state, c.category_id) is distinct from (l.version, l.to_state, l.category_id)
        or c.organ_id is distinct from l.organ_id
        or not exists (select from category k where k.id = c.category_id)
        or (c.organ_id is not null and not exists (select from organ o where o.id = c.organ_id))
    limit max_rows;

    return query
    select 'case_link'::text, format('case %s: merged into %s, linked to %s', coalesce(c.id, l.case_id), c.merged_into, l.lead_id)
    from (select id, merged_into from case_file where merged_into is not null) c
    full join (select case_id, lead_id from case_link where split_version is null) l on l.case_id = c.id
    where c.merged_into is distinct from l.lead_id
    limit max_rows;

    return query
    select 'identity'::text, format('case %s version %s: %s', e.case_id, e.version, e.stock_after)
    from case_event e
    where (e.stock_after >> 3) & 1
        <> ((e.stock_after >> 15) & 1) + ((e.stock_after >> 16) & 1) + ((e.stock_after >> 17) & 1)
    limit max_rows;

    -- cell_day: what the folded events give, beside what is stored. Rows that add up to nothing may be there or not.
    return query
    with pos as materialized (
        select feed_xid, seq
        from cell_position
    ),
    recount as (
        select
            l.level as level,
            region_at_level(b.grid_code, l.level) as region,
            b.cohort_day as cohort_day,
            business_day(b.arrived_at) as event_day,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 0))::integer as reported,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 1))::integer as accepted,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 2))::integer as valid,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 3))::integer as closed,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 4))::integer as self_closed,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 5))::integer as closings,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 6))::integer as refused,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 7))::integer as voided,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 8))::integer as merged,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 9))::integer as suspended,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 10))::integer as forced,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 11))::integer as reopened,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 12))::integer as returned,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 13))::integer as dispatched,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 14))::integer as reworked,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 15))::integer as on_time,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 16))::integer as late,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 17))::integer as no_deadline,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 18))::integer as fed_back
        from (select e.* from case_event e where (e.feed_xid, e.seq) <= ((select feed_xid from pos), (select seq from pos))) b
        cross join (values (1::smallint), (2::smallint), (3::smallint), (4::smallint)) l (level)
        where b.stock_before <> b.stock_after or b.flow <> 0
        group by 1, 2, 3, 4
    ),
    difference as (
        select
            coalesce(r.level, c.level) as level,
            coalesce(r.region, c.region) as region,
            coalesce(r.cohort_day, c.cohort_day) as cohort_day,
            coalesce(r.event_day, c.event_day) as event_day,
            row(coalesce(r.reported, 0), coalesce(r.accepted, 0), coalesce(r.valid, 0), coalesce(r.closed, 0), coalesce(r.self_closed, 0), coalesce(r.closings, 0), coalesce(r.refused, 0), coalesce(r.voided, 0), coalesce(r.merged, 0), coalesce(r.suspended, 0), coalesce(r.forced, 0), coalesce(r.reopened, 0), coalesce(r.returned, 0), coalesce(r.dispatched, 0), coalesce(r.reworked, 0), coalesce(r.on_time, 0), coalesce(r.late, 0), coalesce(r.no_deadline, 0), coalesce(r.fed_back, 0)) as counted,
            row(coalesce(c.reported, 0), coalesce(c.accepted, 0), coalesce(c.valid, 0), coalesce(c.closed, 0), coalesce(c.self_closed, 0), coalesce(c.closings, 0), coalesce(c.refused, 0), coalesce(c.voided, 0), coalesce(c.merged, 0), coalesce(c.suspended, 0), coalesce(c.forced, 0), coalesce(c.reopened, 0), coalesce(c.returned, 0), coalesce(c.dispatched, 0), coalesce(c.reworked, 0), coalesce(c.on_time, 0), coalesce(c.late, 0), coalesce(c.no_deadline, 0), coalesce(c.fed_back, 0)) as stored
        from recount r
        full join cell_day c on c.level = r.level and c.region = r.region and c.cohort_day = r.cohort_day and c.event_day = r.event_day
    )
    select 'cell_day'::text, format('level %s region %s cohort_day %s event_day %s: counted %s, stored %s', d.level, d.region, d.cohort_day, d.event_day, d.counted, d.stored)
    from difference d
    where d.counted <> d.stored
    limit max_rows;

    -- cell_month: what the folded events give, beside what is stored. Rows that add up to nothing may be there or not.
    return query
    with pos as materialized (
        select feed_xid, seq
        from cell_position
    ),
    recount as (
        select
            l.level as level,
            region_at_level(b.grid_code, l.level) as region,
            month_number(b.cohort_day) as cohort_month,
            month_number(business_day(b.arrived_at)) as event_month,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 0))::integer as reported,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 1))::integer as accepted,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 2))::integer as valid,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 3))::integer as closed,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 4))::integer as self_closed,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 5))::integer as closings,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 6))::integer as refused,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 7))::integer as voided,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 8))::integer as merged,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 9))::integer as suspended,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 10))::integer as forced,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 11))::integer as reopened,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 12))::integer as returned,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 13))::integer as dispatched,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 14))::integer as reworked,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 15))::integer as on_time,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 16))::integer as late,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 17))::integer as no_deadline,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 18))::integer as fed_back
        from (select e.* from case_event e where (e.feed_xid, e.seq) <= ((select feed_xid from pos), (select seq from pos))) b
        cross join (values (1::smallint), (2::smallint), (3::smallint), (4::smallint), (5::smallint)) l (level)
        where b.stock_before <> b.stock_after or b.flow <> 0
        group by 1, 2, 3, 4
    ),
    difference as (
        select
            coalesce(r.level, c.level) as level,
            coalesce(r.region, c.region) as region,
            coalesce(r.cohort_month, c.cohort_month) as cohort_month,
            coalesce(r.event_month, c.event_month) as event_month,
            row(coalesce(r.reported, 0), coalesce(r.accepted, 0), coalesce(r.valid, 0), coalesce(r.closed, 0), coalesce(r.self_closed, 0), coalesce(r.closings, 0), coalesce(r.refused, 0), coalesce(r.voided, 0), coalesce(r.merged, 0), coalesce(r.suspended, 0), coalesce(r.forced, 0), coalesce(r.reopened, 0), coalesce(r.returned, 0), coalesce(r.dispatched, 0), coalesce(r.reworked, 0), coalesce(r.on_time, 0), coalesce(r.late, 0), coalesce(r.no_deadline, 0), coalesce(r.fed_back, 0)) as counted,
            row(coalesce(c.reported, 0), coalesce(c.accepted, 0), coalesce(c.valid, 0), coalesce(c.closed, 0), coalesce(c.self_closed, 0), coalesce(c.closings, 0), coalesce(c.refused, 0), coalesce(c.voided, 0), coalesce(c.merged, 0), coalesce(c.suspended, 0), coalesce(c.forced, 0), coalesce(c.reopened, 0), coalesce(c.returned, 0), coalesce(c.dispatched, 0), coalesce(c.reworked, 0), coalesce(c.on_time, 0), coalesce(c.late, 0), coalesce(c.no_deadline, 0), coalesce(c.fed_back, 0)) as stored
        from recount r
        full join cell_month c on c.level = r.level and c.region = r.region and c.cohort_month = r.cohort_month and c.event_month = r.event_month
    )
    select 'cell_month'::text, format('level %s region %s cohort_month %s event_month %s: counted %s, stored %s', d.level, d.region, d.cohort_month, d.event_month, d.counted, d.stored)
    from difference d
    where d.counted <> d.stored
    limit max_rows;

    -- cell_category_month: what the folded events give, beside what is stored. Rows that add up to nothing may be there or not.
    return query
    with pos as materialized (
        select feed_xid, seq
        from cell_position
    ),
    recount as (
        select
            l.level as level,
            region_at_level(b.grid_code, l.level) as region,
            b.category_id as category_id,
            month_number(b.cohort_day) as cohort_month,
            month_number(business_day(b.arrived_at)) as event_month,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 0))::integer as reported,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 1))::integer as accepted,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 2))::integer as valid,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 3))::integer as closed,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 4))::integer as self_closed,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 5))::integer as closings,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 6))::integer as refused,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 7))::integer as voided,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 8))::integer as merged,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 9))::integer as suspended,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 10))::integer as forced,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 11))::integer as reopened,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 12))::integer as returned,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 13))::integer as dispatched,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 14))::integer as reworked,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 15))::integer as on_time,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 16))::integer as late,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 17))::integer as no_deadline,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 18))::integer as fed_back
        from (
            select e.grid_code, e.cohort_day, e.arrived_at, k.*
            from case_event e
            cross join lateral event_keys(
                e.category_id, e.prev_category_id, e.organ_id, e.prev_organ_id, e.stock_before, e.stock_after, e.flow
            ) k
            where (e.feed_xid, e.seq) <= ((select feed_xid from pos), (select seq from pos))
        ) b
        cross join (values (1::smallint), (2::smallint), (3::smallint)) l (level)
        where b.stock_before <> b.stock_after or b.flow <> 0
        group by 1, 2, 3, 4, 5
    ),
    difference as (
        select
            coalesce(r.level, c.level) as level,
            coalesce(r.region, c.region) as region,
            coalesce(r.category_id, c.category_id) as category_id,
            coalesce(r.cohort_month, c.cohort_month) as cohort_month,
            coalesce(r.event_month, c.event_month) as event_month,
            row(coalesce(r.reported, 0), coalesce(r.accepted, 0), coalesce(r.valid, 0), coalesce(r.closed, 0), coalesce(r.self_closed, 0), coalesce(r.closings, 0), coalesce(r.refused, 0), coalesce(r.voided, 0), coalesce(r.merged, 0), coalesce(r.suspended, 0), coalesce(r.forced, 0), coalesce(r.reopened, 0), coalesce(r.returned, 0), coalesce(r.dispatched, 0), coalesce(r.reworked, 0), coalesce(r.on_time, 0), coalesce(r.late, 0), coalesce(r.no_deadline, 0), coalesce(r.fed_back, 0)) as counted,
            row(coalesce(c.reported, 0), coalesce(c.accepted, 0), coalesce(c.valid, 0), coalesce(c.closed, 0), coalesce(c.self_closed, 0), coalesce(c.closings, 0), coalesce(c.refused, 0), coalesce(c.voided, 0), coalesce(c.merged, 0), coalesce(c.suspended, 0), coalesce(c.forced, 0), coalesce(c.reopened, 0), coalesce(c.returned, 0), coalesce(c.dispatched, 0), coalesce(c.reworked, 0), coalesce(c.on_time, 0), coalesce(c.late, 0), coalesce(c.no_deadline, 0), coalesce(c.fed_back, 0)) as stored
        from recount r
        full join cell_category_month c on c.level = r.level and c.region = r.region and c.category_id = r.category_id and c.cohort_month = r.cohort_month and c.event_month = r.event_month
    )
    select 'cell_category_month'::text, format('level %s region %s category_id %s cohort_month %s event_month %s: counted %s, stored %s', d.level, d.region, d.category_id, d.cohort_month, d.event_month, d.counted, d.stored)
    from difference d
    where d.counted <> d.stored
    limit max_rows;

    -- cell_organ_month: what the folded events give, beside what is stored. Rows that add up to nothing may be there or not.
    return query
    with pos as materialized (
        select feed_xid, seq
        from cell_position
    ),
    recount as (
        select
            b.organ_id as organ_id,
            month_number(b.cohort_day) as cohort_month,
            month_number(business_day(b.arrived_at)) as event_month,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 0))::integer as reported,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 1))::integer as accepted,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 2))::integer as valid,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 3))::integer as closed,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 4))::integer as self_closed,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 5))::integer as closings,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 6))::integer as refused,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 7))::integer as voided,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 8))::integer as merged,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 9))::integer as suspended,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 10))::integer as forced,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 11))::integer as reopened,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 12))::integer as returned,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 13))::integer as dispatched,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 14))::integer as reworked,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 15))::integer as on_time,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 16))::integer as late,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 17))::integer as no_deadline,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 18))::integer as fed_back
        from (
            select e.grid_code, e.cohort_day, e.arrived_at, k.*
            from case_event e
            cross join lateral event_keys(
                e.category_id, e.prev_category_id, e.organ_id, e.prev_organ_id, e.stock_before, e.stock_after, e.flow
            ) k
            where (e.feed_xid, e.seq) <= ((select feed_xid from pos), (select seq from pos))
        ) b
        where b.organ_id is not null and (b.stock_before <> b.stock_after or b.flow <> 0)
        group by 1, 2, 3
    ),
    difference as (
        select
            coalesce(r.organ_id, c.organ_id) as organ_id,
            coalesce(r.cohort_month, c.cohort_month) as cohort_month,
            coalesce(r.event_month, c.event_month) as event_month,
            row(coalesce(r.reported, 0), coalesce(r.accepted, 0), coalesce(r.valid, 0), coalesce(r.closed, 0), coalesce(r.self_closed, 0), coalesce(r.closings, 0), coalesce(r.refused, 0), coalesce(r.voided, 0), coalesce(r.merged, 0), coalesce(r.suspended, 0), coalesce(r.forced, 0), coalesce(r.reopened, 0), coalesce(r.returned, 0), coalesce(r.dispatched, 0), coalesce(r.reworked, 0), coalesce(r.on_time, 0), coalesce(r.late, 0), coalesce(r.no_deadline, 0), coalesce(r.fed_back, 0)) as counted,
            row(coalesce(c.reported, 0), coalesce(c.accepted, 0), coalesce(c.valid, 0), coalesce(c.closed, 0), coalesce(c.self_closed, 0), coalesce(c.closings, 0), coalesce(c.refused, 0), coalesce(c.voided, 0), coalesce(c.merged, 0), coalesce(c.suspended, 0), coalesce(c.forced, 0), coalesce(c.reopened, 0), coalesce(c.returned, 0), coalesce(c.dispatched, 0), coalesce(c.reworked, 0), coalesce(c.on_time, 0), coalesce(c.late, 0), coalesce(c.no_deadline, 0), coalesce(c.fed_back, 0)) as stored
        from recount r
        full join cell_organ_month c on c.organ_id = r.organ_id and c.cohort_month = r.cohort_month and c.event_month = r.event_month
    )
    select 'cell_organ_month'::text, format('organ_id %s cohort_month %s event_month %s: counted %s, stored %s', d.organ_id, d.cohort_month, d.event_month, d.counted, d.stored)
    from difference d
    where d.counted <> d.stored
    limit max_rows;

    -- The measures from 19 on.
    return query
    with pos as materialized (
        select feed_xid, seq
        from cell_position
    ),
    folded as materialized (
        select
            e.grid_code, month_number(e.cohort_day) as cohort_month, month_number(business_day(e.arrived_at)) as event_month,
            k.category_id, k.organ_id, m.measure, more_delta(k.more_before, k.more_after, k.more_flow, m.measure) as n
        from case_event e
        cross join lateral event_more_keys(
            e.category_id, e.prev_category_id, e.organ_id, e.prev_organ_id, e.more_before, e.more_after, e.more_flow
        ) k
        cross join generate_series(19, 50) m (measure)
        where (e.feed_xid, e.seq) <= ((select feed_xid from pos), (select seq from pos))
            and coalesce(e.more_before, e.more_after, e.more_flow) is not null
            and more_delta(k.more_before, k.more_after, k.more_flow, m.measure) <> 0
    ),
    recount as (
        select
            'cell_more_month'::text as cells,
            format('level %s region %s measure %s cohort_month %s event_month %s', l.level, region_at_level(f.grid_code, l.level),
                f.measure, f.cohort_month, f.event_month) as cell,
            sum(f.n) as n
        from folded f
        cross join (values (1), (2), (3), (4)) l (level)
        group by 2
        union all
        select
            'cell_more_category_month',
            format('level %s region %s category_id %s measure %s cohort_month %s event_month %s', l.level,
                region_at_level(f.grid_code, l.level), f.category_id, f.measure, f.cohort_month, f.event_month),
            sum(f.n)
        from folded f
        cross join (values (1), (2), (3)) l (level)
        group by 2
        union all
        select
            'cell_more_organ_month',
            format('organ_id %s measure %s cohort_month %s event_month %s', f.organ_id, f.measure, f.cohort_month, f.event_month),
            sum(f.n)
        from folded f
        where f.organ_id is not null
        group by 2
    ),
    stored as (
        select
            'cell_more_month'::text as cells,
            format('level %s region %s measure %s cohort_month %s event_month %s', c.level, c.region, c.measure, c.cohort_month,
                c.event_month) as cell,
            c.n
        from cell_more_month c
        union all
        select
            'cell_more_category_month',
            format('level %s region %s category_id %s measure %s cohort_month %s event_month %s', c.level, c.region, c.category_id,
                c.measure, c.cohort_month, c.event_month),
            c.n
        from cell_more_category_month c
        union all
        select
            'cell_more_organ_month',
            format('organ_id %s measure %s cohort_month %s event_month %s', c.organ_id, c.measure, c.cohort_month, c.event_month),
            c.n
        from cell_more_organ_month c
    )
    select coalesce(r.cells, s.cells), format('%s: counted %s, stored %s', coalesce(r.cell, s.cell), r.n, s.n)
    from recount r
    full join stored s on s.cells = r.cells and s.cell = r.cell
    where coalesce(r.n, 0) <> coalesce(s.n, 0)
    limit max_rows;

    return query
    select 'due'::text, format('case %s: %s, its last event %s', c.id, c.figure_due_at, e.handle_due_after)
    from case_file c
    join case_event e on e.case_id = c.id and e.version = c.version
    where c.figure_due_at is distinct from e.handle_due_after
    limit max_rows;
end
$$;

COMMENT ON FUNCTION public.verify(max_rows integer) IS 'Recounts everything figures rest on; returns what does not agree.';

CREATE TABLE public.account (
    id uuid NOT NULL,
    login text NOT NULL,
    name text NOT NULL,
    role smallint NOT NULL,
    region_code bigint NOT NULL,
    region_level smallint NOT NULL,
    organ_id integer,
    password_hash text NOT NULL,
    failed_logins integer DEFAULT 0 NOT NULL,
    locked_until timestamp with time zone,
    disabled boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone NOT NULL,
    person_code text DEFAULT ''::text NOT NULL,
    source_code text DEFAULT ''::text NOT NULL,
    password_changed_at timestamp with time zone NOT NULL,
    must_change boolean DEFAULT false NOT NULL,
    last_login_at timestamp with time zone,
    totp_sealed bytea,
    totp_begun bytea,
    totp_step bigint DEFAULT 0 NOT NULL,
    CONSTRAINT account_failed_check CHECK ((failed_logins >= 0)),
    CONSTRAINT account_login_check CHECK (((char_length(login) >= 1) AND (char_length(login) <= 64))),
    CONSTRAINT account_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 40))),
    CONSTRAINT account_person_check CHECK ((char_length(person_code) <= 64)),
    CONSTRAINT account_region_check CHECK (((region_level >= 0) AND (region_level <= 5))),
    CONSTRAINT account_role_check CHECK (((role >= 1) AND (role <= 14))),
    CONSTRAINT account_source_check CHECK (((source_code ~ '^[A-Za-z0-9_.-]{0,32}$'::text) AND ((source_code = ''::text) OR (role = 11)))),
    CONSTRAINT account_totp_check CHECK ((totp_step >= 0))
);

COMMENT ON TABLE public.account IS 'People and systems that may log in.';

COMMENT ON COLUMN public.account.id IS 'UUIDv7.';

COMMENT ON COLUMN public.account.login IS 'Login name.';

COMMENT ON COLUMN public.account.name IS 'Display name.';

COMMENT ON COLUMN public.account.role IS 'As wangge.v1.Role.';

COMMENT ON COLUMN public.account.region_code IS 'The subtree it may see and act in, padded to 15 digits; 0 with level 0: everything.';

COMMENT ON COLUMN public.account.region_level IS 'Level of that region, 0 to 5.';

COMMENT ON COLUMN public.account.organ_id IS 'Its organ, if any.';

COMMENT ON COLUMN public.account.password_hash IS 'argon2id in the PHC string format.';

COMMENT ON COLUMN public.account.failed_logins IS 'Failures since the last success.';

COMMENT ON COLUMN public.account.locked_until IS 'No login before then.';

COMMENT ON COLUMN public.account.disabled IS 'It may no longer log in.';

COMMENT ON COLUMN public.account.created_at IS 'When it was made.';

COMMENT ON COLUMN public.account.person_code IS 'The person behind it (staff number), by which the three officers are kept apart; empty: the login.';

COMMENT ON COLUMN public.account.source_code IS 'Of a service account: the source it speaks for.';

COMMENT ON COLUMN public.account.password_changed_at IS 'When its password was set.';

COMMENT ON COLUMN public.account.must_change IS 'A first password: nothing goes on until it is changed.';

COMMENT ON COLUMN public.account.last_login_at IS 'Last good login.';

COMMENT ON COLUMN public.account.totp_sealed IS 'Secret of one-time passwords in force, sealed with the data key.';

COMMENT ON COLUMN public.account.totp_begun IS 'A secret that waits for its first code, sealed.';

COMMENT ON COLUMN public.account.totp_step IS 'Last time step whose code was taken; none is taken twice.';

CREATE TABLE public.account_credential (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    kind smallint NOT NULL,
    hash bytea NOT NULL,
    label text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    last_used_at timestamp with time zone,
    CONSTRAINT account_credential_hash_check CHECK ((octet_length(hash) = 32)),
    CONSTRAINT account_credential_kind_check CHECK ((kind = ANY (ARRAY[1, 2]))),
    CONSTRAINT account_credential_label_check CHECK (((char_length(label) >= 1) AND (char_length(label) <= 80)))
);

COMMENT ON TABLE public.account_credential IS 'What service accounts show instead of a password: tokens and client certificates.';

COMMENT ON COLUMN public.account_credential.id IS 'UUIDv7, names it.';

COMMENT ON COLUMN public.account_credential.account_id IS 'Whose.';

COMMENT ON COLUMN public.account_credential.kind IS '1 token, 2 certificate.';

COMMENT ON COLUMN public.account_credential.hash IS 'BLAKE2b-256 of the token, or SHA-256 of the certificate''s SubjectPublicKeyInfo.';

COMMENT ON COLUMN public.account_credential.label IS 'What it is for.';

COMMENT ON COLUMN public.account_credential.created_at IS 'When it was made.';

COMMENT ON COLUMN public.account_credential.expires_at IS 'No longer taken from then on; null: as long as it stands here.';

COMMENT ON COLUMN public.account_credential.last_used_at IS 'Last call, to the minute; null: never.';

CREATE TABLE public.attachment (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    grid_code bigint DEFAULT 0 NOT NULL,
    uploader_id uuid NOT NULL,
    uploader_name text NOT NULL,
    uploader_role smallint NOT NULL,
    name text NOT NULL,
    sent_size integer NOT NULL,
    sent_sha256 bytea NOT NULL,
    received integer DEFAULT 0 NOT NULL,
    complete boolean DEFAULT false NOT NULL,
    kind smallint DEFAULT 0 NOT NULL,
    size integer DEFAULT 0 NOT NULL,
    sha256 bytea,
    taken_at timestamp with time zone,
    latitude double precision,
    longitude double precision,
    uploaded_at timestamp with time zone NOT NULL,
    request_id uuid,
    CONSTRAINT attachment_complete_check CHECK (((NOT complete) OR ((received = sent_size) AND (kind > 0) AND (sha256 IS NOT NULL)))),
    CONSTRAINT attachment_hash_check CHECK (((octet_length(sent_sha256) = 32) AND (octet_length(sha256) = 32))),
    CONSTRAINT attachment_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 120))),
    CONSTRAINT attachment_size_check CHECK ((((sent_size >= 1) AND (sent_size <= 8388608)) AND ((received >= 0) AND (received <= sent_size)) AND ((size >= 0) AND (size <= 8389632))))
);

COMMENT ON TABLE public.attachment IS 'Files of cases. Rows are never deleted; what was sent is replaced by what is kept once it is whole.';

COMMENT ON COLUMN public.attachment.id IS 'UUIDv7 given by the uploader.';

COMMENT ON COLUMN public.attachment.case_id IS 'The case; it may not exist yet.';

COMMENT ON COLUMN public.attachment.grid_code IS 'Of the case, 15 digits; 0 until the case exists.';

COMMENT ON COLUMN public.attachment.uploader_id IS 'Account that sends it.';

COMMENT ON COLUMN public.attachment.uploader_name IS 'Display name at the time.';

COMMENT ON COLUMN public.attachment.uploader_role IS 'As wangge.v1.Role.';

COMMENT ON COLUMN public.attachment.name IS 'File name without a path.';

COMMENT ON COLUMN public.attachment.sent_size IS 'Bytes as sent.';

COMMENT ON COLUMN public.attachment.sent_sha256 IS 'SHA-256 of the bytes as sent.';

COMMENT ON COLUMN public.attachment.received IS 'Bytes that are durable.';

COMMENT ON COLUMN public.attachment.complete IS 'Whole, checked and stripped.';

COMMENT ON COLUMN public.attachment.kind IS '1 JPEG, 2 PNG, 3 WebP, 4 PDF, 5 MP4, 6 MP3, by content.';

COMMENT ON COLUMN public.attachment.size IS 'Bytes as kept.';

COMMENT ON COLUMN public.attachment.sha256 IS 'SHA-256 of the bytes as kept.';

COMMENT ON COLUMN public.attachment.taken_at IS 'When a photo says it was taken.';

COMMENT ON COLUMN public.attachment.latitude IS 'Where it says so, degrees north.';

COMMENT ON COLUMN public.attachment.longitude IS 'Where it says so, degrees east.';

COMMENT ON COLUMN public.attachment.uploaded_at IS 'When the upload began.';

COMMENT ON COLUMN public.attachment.request_id IS 'The request it is evidence of; it counts if an event has this id.';

CREATE TABLE public.attachment_chunk (
    attachment_id uuid NOT NULL,
    kept boolean NOT NULL,
    at integer NOT NULL,
    data bytea NOT NULL,
    CONSTRAINT attachment_chunk_data_check CHECK (((octet_length(data) >= 1) AND (octet_length(data) <= 262144)))
);
ALTER TABLE ONLY public.attachment_chunk ALTER COLUMN data SET STORAGE EXTERNAL;

COMMENT ON TABLE public.attachment_chunk IS 'Their bytes.';

COMMENT ON COLUMN public.attachment_chunk.attachment_id IS 'The attachment.';

COMMENT ON COLUMN public.attachment_chunk.kept IS 'False: as sent, until it is whole. True: as kept.';

COMMENT ON COLUMN public.attachment_chunk.at IS 'Offset of the first byte.';

COMMENT ON COLUMN public.attachment_chunk.data IS 'At most 256 KiB.';

CREATE TABLE public.audit_row (
    id bigint NOT NULL,
    key uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    kind smallint NOT NULL,
    account_id uuid,
    login text NOT NULL,
    name text NOT NULL,
    role smallint NOT NULL,
    call text NOT NULL,
    object text NOT NULL,
    rule text NOT NULL,
    text text NOT NULL,
    peer text NOT NULL,
    CONSTRAINT audit_row_kind_check CHECK (((kind >= 1) AND (kind <= 6)))
);

COMMENT ON TABLE public.audit_row IS 'Looks at personal data, refusals, administrative acts, failed logins. Never changed, never deleted; no personal data of reporters or parties.';

COMMENT ON COLUMN public.audit_row.id IS 'Order of arrival, with gaps.';

COMMENT ON COLUMN public.audit_row.key IS 'Given by the server process, so that a row sent twice is kept once.';

COMMENT ON COLUMN public.audit_row.at IS 'When it happened.';

COMMENT ON COLUMN public.audit_row.kind IS 'As wangge.v1.AuditKind.';

COMMENT ON COLUMN public.audit_row.account_id IS 'Who; null if not known.';

COMMENT ON COLUMN public.audit_row.login IS 'Login of the account; empty if not known (what was typed at a failed login may be a password).';

COMMENT ON COLUMN public.audit_row.name IS 'Display name at the time.';

COMMENT ON COLUMN public.audit_row.role IS 'As wangge.v1.Role; 0 if not known.';

COMMENT ON COLUMN public.audit_row.call IS 'Service and method.';

COMMENT ON COLUMN public.audit_row.object IS 'What it was about: case id, login, code.';

COMMENT ON COLUMN public.audit_row.rule IS 'Of a refusal: which rule.';

COMMENT ON COLUMN public.audit_row.text IS 'Purpose of a look, or what was changed.';

COMMENT ON COLUMN public.audit_row.peer IS 'Network address of the caller.';

ALTER TABLE public.audit_row ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_row_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 32
);

CREATE TABLE public.bulk_item (
    bulk_id uuid NOT NULL,
    "position" integer NOT NULL,
    case_id uuid NOT NULL
);

COMMENT ON TABLE public.bulk_item IS 'The set of a bulk run.';

COMMENT ON COLUMN public.bulk_item.bulk_id IS 'The run.';

COMMENT ON COLUMN public.bulk_item."position" IS 'From 1.';

COMMENT ON COLUMN public.bulk_item.case_id IS 'The case.';

CREATE TABLE public.bulk_run (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    request_hash bigint NOT NULL,
    action smallint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    total integer DEFAULT 0 NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    failed integer DEFAULT 0 NOT NULL,
    ready boolean DEFAULT false NOT NULL,
    CONSTRAINT bulk_run_total_check CHECK (((total >= 0) AND (total <= 100000)))
);

COMMENT ON TABLE public.bulk_run IS 'One action on many cases.';

COMMENT ON COLUMN public.bulk_run.id IS 'UUIDv7 given by the caller.';

COMMENT ON COLUMN public.bulk_run.account_id IS 'Whose run.';

COMMENT ON COLUMN public.bulk_run.request_hash IS 'First 64 bits of the request''s BLAKE2b: the same id with another body is refused.';

COMMENT ON COLUMN public.bulk_run.action IS 'As wangge.v1.Action.';

COMMENT ON COLUMN public.bulk_run.started_at IS 'When it was begun.';

COMMENT ON COLUMN public.bulk_run.finished_at IS 'When the last item of a whole run was answered; null while it is not.';

COMMENT ON COLUMN public.bulk_run.total IS 'Items.';

COMMENT ON COLUMN public.bulk_run.done IS 'Items that went well in the run that went furthest.';

COMMENT ON COLUMN public.bulk_run.failed IS 'Items that did not.';

COMMENT ON COLUMN public.bulk_run.ready IS 'Its set is complete.';

CREATE TABLE public.calendar (
    region_code bigint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    utc_offset_minutes integer,
    CONSTRAINT calendar_code_check CHECK ((code ~ '^[a-z0-9-]{1,32}$'::text)),
    CONSTRAINT calendar_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 40))),
    CONSTRAINT calendar_offset_check CHECK (((utc_offset_minutes >= '-840'::integer) AND (utc_offset_minutes <= 840)))
);

COMMENT ON TABLE public.calendar IS 'Working calendars: one that holds everywhere, and those of regions that have their own.';

COMMENT ON COLUMN public.calendar.region_code IS 'The subtree it holds for, padded to 15 digits; 0: everywhere.';

COMMENT ON COLUMN public.calendar.code IS 'Short name for people and systems.';

COMMENT ON COLUMN public.calendar.name IS 'Display name.';

COMMENT ON COLUMN public.calendar.utc_offset_minutes IS 'Minutes east of UTC; null: as the region above.';

CREATE TABLE public.calendar_day (
    day date NOT NULL,
    working boolean NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    region_code bigint DEFAULT 0 NOT NULL,
    shifts text DEFAULT ''::text NOT NULL
);

COMMENT ON TABLE public.calendar_day IS 'Days that differ from the weekly pattern (State Council notices).';

COMMENT ON COLUMN public.calendar_day.day IS 'Local date.';

COMMENT ON COLUMN public.calendar_day.working IS 'True: make-up working day. False: holiday.';

COMMENT ON COLUMN public.calendar_day.name IS 'The festival.';

COMMENT ON COLUMN public.calendar_day.region_code IS 'The calendar it belongs to; 0: the one that holds everywhere.';

COMMENT ON COLUMN public.calendar_day.shifts IS 'Working intervals of a part day; empty: the usual ones of its season.';

CREATE TABLE public.calendar_season (
    region_code bigint NOT NULL,
    seq smallint NOT NULL,
    from_month_day smallint,
    to_month_day smallint,
    weekdays smallint NOT NULL,
    shifts text NOT NULL,
    CONSTRAINT calendar_season_span_check CHECK (((from_month_day IS NULL) = (to_month_day IS NULL))),
    CONSTRAINT calendar_season_weekdays_check CHECK (((weekdays >= 0) AND (weekdays <= 127)))
);

COMMENT ON TABLE public.calendar_season IS 'Weekly patterns of a calendar. None: those of the region above.';

COMMENT ON COLUMN public.calendar_season.region_code IS 'The calendar.';

COMMENT ON COLUMN public.calendar_season.seq IS 'Position, from 1.';

COMMENT ON COLUMN public.calendar_season.from_month_day IS 'First day of every year it holds: month * 100 + day; null: the rest of the year.';

COMMENT ON COLUMN public.calendar_season.to_month_day IS 'Last day.';

COMMENT ON COLUMN public.calendar_season.weekdays IS 'Working days: bit 0 Monday to bit 6 Sunday.';

COMMENT ON COLUMN public.calendar_season.shifts IS 'Working intervals of such a day: 08:00-12:00 14:00-18:00.';

ALTER TABLE public.case_event ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.case_event_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 32
);

CREATE TABLE public.case_link (
    case_id uuid NOT NULL,
    merged_version integer NOT NULL,
    lead_id uuid NOT NULL,
    merged_at timestamp with time zone NOT NULL,
    merged_by uuid NOT NULL,
    split_version integer,
    split_at timestamp with time zone,
    split_by uuid,
    CONSTRAINT case_link_self_check CHECK ((case_id <> lead_id)),
    CONSTRAINT case_link_split_check CHECK ((((split_version IS NULL) = (split_at IS NULL)) AND ((split_at IS NULL) = (split_by IS NULL)) AND ((split_version IS NULL) OR (split_version > merged_version))))
);

COMMENT ON TABLE public.case_link IS 'Which case was merged into which, from when to when. Rows are never deleted; a split closes one.';

COMMENT ON COLUMN public.case_link.case_id IS 'The case that was merged.';

COMMENT ON COLUMN public.case_link.merged_version IS 'Version of the case its merge made.';

COMMENT ON COLUMN public.case_link.lead_id IS 'The case it was merged into.';

COMMENT ON COLUMN public.case_link.merged_at IS 'When the merge happened.';

COMMENT ON COLUMN public.case_link.merged_by IS 'Who merged it.';

COMMENT ON COLUMN public.case_link.split_version IS 'Version of the case its split made; null while merged.';

COMMENT ON COLUMN public.case_link.split_at IS 'When it was split off again; null while merged.';

COMMENT ON COLUMN public.case_link.split_by IS 'Who split it off.';

CREATE TABLE public.case_number (
    county integer NOT NULL,
    day date NOT NULL,
    last integer NOT NULL,
    CONSTRAINT case_number_last_check CHECK (((last >= 0) AND (last <= 999999)))
);

COMMENT ON TABLE public.case_number IS 'Running numbers, given out in blocks; a block that is lost leaves a gap.';

COMMENT ON COLUMN public.case_number.county IS 'Six-digit county.';

COMMENT ON COLUMN public.case_number.day IS 'Local day of the report.';

COMMENT ON COLUMN public.case_number.last IS 'Highest number given out.';

CREATE TABLE public.case_person (
    case_id uuid NOT NULL,
    "position" smallint NOT NULL,
    grid_code bigint NOT NULL,
    kind smallint NOT NULL,
    hidden boolean NOT NULL,
    name bytea,
    phone bytea,
    id_number bytea,
    address bytea,
    name_blind bigint,
    phone_blind bigint,
    id_blind bigint,
    CONSTRAINT case_person_kind_check CHECK (((kind >= 1) AND (kind <= 3))),
    CONSTRAINT case_person_position_check CHECK ((("position" >= 0) AND ("position" <= 7))),
    CONSTRAINT case_person_size_check CHECK (((octet_length(name) <= 205) AND (octet_length(phone) <= 65) AND (octet_length(id_number) <= 69) AND (octet_length(address) <= 845))),
    CONSTRAINT case_person_some_check CHECK ((COALESCE(name, phone, id_number) IS NOT NULL))
);

COMMENT ON TABLE public.case_person IS 'People in cases. What tells who they are is sealed by the server (server/secret); a dump shows nothing.';

COMMENT ON COLUMN public.case_person.case_id IS 'The case.';

COMMENT ON COLUMN public.case_person."position" IS 'Place in its list, from 0.';

COMMENT ON COLUMN public.case_person.grid_code IS 'Grid of the case, for the scope of reads.';

COMMENT ON COLUMN public.case_person.kind IS 'As wangge.v1.PersonKind.';

COMMENT ON COLUMN public.case_person.hidden IS 'Who told of a confidential case: not found by anybody but the reporter''s own account.';

COMMENT ON COLUMN public.case_person.name IS 'Sealed name; bound to table, case, position and column, like the other three.';

COMMENT ON COLUMN public.case_person.phone IS 'Sealed phone number.';

COMMENT ON COLUMN public.case_person.id_number IS 'Sealed ID number.';

COMMENT ON COLUMN public.case_person.address IS 'Sealed home address.';

COMMENT ON COLUMN public.case_person.name_blind IS 'First 8 bytes of a keyed hash of the whole name, for exact finding.';

COMMENT ON COLUMN public.case_person.phone_blind IS 'The same of the phone''s digits.';

COMMENT ON COLUMN public.case_person.id_blind IS 'The same of the ID number.';

CREATE TABLE public.category (
    id smallint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    name_en text DEFAULT ''::text NOT NULL,
    top_name text DEFAULT ''::text NOT NULL,
    group_name text DEFAULT ''::text NOT NULL,
    initials text DEFAULT ''::text NOT NULL,
    aliases text[] DEFAULT '{}'::text[] NOT NULL,
    settle_allowed boolean DEFAULT true NOT NULL,
    counted boolean DEFAULT true NOT NULL,
    check_waived boolean DEFAULT false NOT NULL,
    active boolean DEFAULT true NOT NULL,
    handle_limit_minutes integer[] DEFAULT '{2400,960,240}'::integer[] NOT NULL,
    evidence_settle boolean DEFAULT false NOT NULL,
    evidence_feedback boolean DEFAULT false NOT NULL,
    CONSTRAINT category_code_check CHECK ((code ~ '^[A-Z][0-9]{4}$'::text)),
    CONSTRAINT category_limit_check CHECK (((array_length(handle_limit_minutes, 1) = 3) AND (0 < ALL (handle_limit_minutes)))),
    CONSTRAINT category_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 40)))
);

COMMENT ON TABLE public.category IS 'Kinds of incident.';

COMMENT ON COLUMN public.category.id IS 'Short key for events and cells.';

COMMENT ON COLUMN public.category.code IS 'Letter and four digits.';

COMMENT ON COLUMN public.category.name IS 'Chinese name.';

COMMENT ON COLUMN public.category.name_en IS 'English name.';

COMMENT ON COLUMN public.category.top_name IS 'Name of the first level.';

COMMENT ON COLUMN public.category.group_name IS 'Name of the second level.';

COMMENT ON COLUMN public.category.initials IS 'Pinyin initials, upper case.';

COMMENT ON COLUMN public.category.aliases IS 'Other words it is found by.';

COMMENT ON COLUMN public.category.settle_allowed IS 'A worker may settle it on the spot.';

COMMENT ON COLUMN public.category.counted IS 'False for work records, which never count as cases.';

COMMENT ON COLUMN public.category.check_waived IS 'It may be closed without a field check.';

COMMENT ON COLUMN public.category.active IS 'New cases may be of it.';

COMMENT ON COLUMN public.category.handle_limit_minutes IS 'Handling limit in working minutes: normal, urgent, critical.';

COMMENT ON COLUMN public.category.evidence_settle IS 'Settling on the spot needs an attachment.';

COMMENT ON COLUMN public.category.evidence_feedback IS 'Feeding back needs an attachment.';

ALTER TABLE public.category ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.category_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.cell_category_month (
    level smallint NOT NULL,
    region bigint NOT NULL,
    category_id smallint NOT NULL,
    cohort_month integer NOT NULL,
    event_month integer NOT NULL,
    reported integer NOT NULL,
    accepted integer NOT NULL,
    valid integer NOT NULL,
    closed integer NOT NULL,
    self_closed integer NOT NULL,
    closings integer NOT NULL,
    refused integer NOT NULL,
    voided integer NOT NULL,
    merged integer NOT NULL,
    suspended integer NOT NULL,
    forced integer NOT NULL,
    reopened integer NOT NULL,
    returned integer NOT NULL,
    dispatched integer NOT NULL,
    reworked integer NOT NULL,
    on_time integer NOT NULL,
    late integer NOT NULL,
    no_deadline integer NOT NULL,
    fed_back integer NOT NULL
)
WITH (fillfactor='70');

COMMENT ON TABLE public.cell_category_month IS 'By city, county and township, category and month.';

COMMENT ON COLUMN public.cell_category_month.level IS '1 city to 5 grid.';

COMMENT ON COLUMN public.cell_category_month.region IS 'Code padded to 15 digits.';

COMMENT ON COLUMN public.cell_category_month.category_id IS 'Category.';

COMMENT ON COLUMN public.cell_category_month.cohort_month IS 'Local month of the report: year * 12 + month - 1.';

COMMENT ON COLUMN public.cell_category_month.event_month IS 'Local month in which the events arrived: year * 12 + month - 1.';

COMMENT ON COLUMN public.cell_category_month.reported IS 'Change in: cases reported.';

COMMENT ON COLUMN public.cell_category_month.accepted IS 'Change in: first acceptances (acts).';

COMMENT ON COLUMN public.cell_category_month.valid IS 'Change in: accepted or settled and not refused, voided or merged.';

COMMENT ON COLUMN public.cell_category_month.closed IS 'Change in: closed or archived.';

COMMENT ON COLUMN public.cell_category_month.self_closed IS 'Change in: closed by the worker who found them.';

COMMENT ON COLUMN public.cell_category_month.closings IS 'Change in: closings (acts).';

COMMENT ON COLUMN public.cell_category_month.refused IS 'Change in: refused.';

COMMENT ON COLUMN public.cell_category_month.voided IS 'Change in: voided or recalled.';

COMMENT ON COLUMN public.cell_category_month.merged IS 'Change in: merged into another.';

COMMENT ON COLUMN public.cell_category_month.suspended IS 'Change in: suspended.';

COMMENT ON COLUMN public.cell_category_month.forced IS 'Change in: closed by force.';

COMMENT ON COLUMN public.cell_category_month.reopened IS 'Change in: valid and reopened at least once.';

COMMENT ON COLUMN public.cell_category_month.returned IS 'Change in: returns (acts).';

COMMENT ON COLUMN public.cell_category_month.dispatched IS 'Change in: dispatches (acts).';

COMMENT ON COLUMN public.cell_category_month.reworked IS 'Change in: valid and reworked at least once.';

COMMENT ON COLUMN public.cell_category_month.on_time IS 'Change in: closed on time.';

COMMENT ON COLUMN public.cell_category_month.late IS 'Change in: closed late.';

COMMENT ON COLUMN public.cell_category_month.no_deadline IS 'Change in: closed without a deadline.';

COMMENT ON COLUMN public.cell_category_month.fed_back IS 'Change in: feedbacks (acts).';

CREATE TABLE public.cell_day (
    level smallint NOT NULL,
    region bigint NOT NULL,
    cohort_day date NOT NULL,
    event_day date NOT NULL,
    reported integer NOT NULL,
    accepted integer NOT NULL,
    valid integer NOT NULL,
    closed integer NOT NULL,
    self_closed integer NOT NULL,
    closings integer NOT NULL,
    refused integer NOT NULL,
    voided integer NOT NULL,
    merged integer NOT NULL,
    suspended integer NOT NULL,
    forced integer NOT NULL,
    reopened integer NOT NULL,
    returned integer NOT NULL,
    dispatched integer NOT NULL,
    reworked integer NOT NULL,
    on_time integer NOT NULL,
    late integer NOT NULL,
    no_deadline integer NOT NULL,
    fed_back integer NOT NULL
)
WITH (fillfactor='70');

COMMENT ON TABLE public.cell_day IS 'By region down to the community and by day; a grid''s days are few enough to count from its events.';

COMMENT ON COLUMN public.cell_day.level IS '1 city to 4 community.';

COMMENT ON COLUMN public.cell_day.region IS 'Code padded to 15 digits.';

COMMENT ON COLUMN public.cell_day.cohort_day IS 'Local day of the report.';

COMMENT ON COLUMN public.cell_day.event_day IS 'Local day on which the events arrived.';

COMMENT ON COLUMN public.cell_day.reported IS 'Change in: cases reported.';

COMMENT ON COLUMN public.cell_day.accepted IS 'Change in: first acceptances (acts).';

COMMENT ON COLUMN public.cell_day.valid IS 'Change in: accepted or settled and not refused, voided or merged.';

COMMENT ON COLUMN public.cell_day.closed IS 'Change in: closed or archived.';

COMMENT ON COLUMN public.cell_day.self_closed IS 'Change in: closed by the worker who found them.';

COMMENT ON COLUMN public.cell_day.closings IS 'Change in: closings (acts).';

COMMENT ON COLUMN public.cell_day.refused IS 'Change in: refused.';

COMMENT ON COLUMN public.cell_day.voided IS 'Change in: voided or recalled.';

COMMENT ON COLUMN public.cell_day.merged IS 'Change in: merged into another.';

COMMENT ON COLUMN public.cell_day.suspended IS 'Change in: suspended.';

COMMENT ON COLUMN public.cell_day.forced IS 'Change in: closed by force.';

COMMENT ON COLUMN public.cell_day.reopened IS 'Change in: valid and reopened at least once.';

COMMENT ON COLUMN public.cell_day.returned IS 'Change in: returns (acts).';

COMMENT ON COLUMN public.cell_day.dispatched IS 'Change in: dispatches (acts).';

COMMENT ON COLUMN public.cell_day.reworked IS 'Change in: valid and reworked at least once.';

COMMENT ON COLUMN public.cell_day.on_time IS 'Change in: closed on time.';

COMMENT ON COLUMN public.cell_day.late IS 'Change in: closed late.';

COMMENT ON COLUMN public.cell_day.no_deadline IS 'Change in: closed without a deadline.';

COMMENT ON COLUMN public.cell_day.fed_back IS 'Change in: feedbacks (acts).';

CREATE TABLE public.cell_month (
    level smallint NOT NULL,
    region bigint NOT NULL,
    cohort_month integer NOT NULL,
    event_month integer NOT NULL,
    reported integer NOT NULL,
    accepted integer NOT NULL,
    valid integer NOT NULL,
    closed integer NOT NULL,
    self_closed integer NOT NULL,
    closings integer NOT NULL,
    refused integer NOT NULL,
    voided integer NOT NULL,
    merged integer NOT NULL,
    suspended integer NOT NULL,
    forced integer NOT NULL,
    reopened integer NOT NULL,
    returned integer NOT NULL,
    dispatched integer NOT NULL,
    reworked integer NOT NULL,
    on_time integer NOT NULL,
    late integer NOT NULL,
    no_deadline integer NOT NULL,
    fed_back integer NOT NULL
)
WITH (fillfactor='70');

COMMENT ON TABLE public.cell_month IS 'By region of every level and by month.';

COMMENT ON COLUMN public.cell_month.level IS '1 city to 5 grid.';

COMMENT ON COLUMN public.cell_month.region IS 'Code padded to 15 digits.';

COMMENT ON COLUMN public.cell_month.cohort_month IS 'Local month of the report: year * 12 + month - 1.';

COMMENT ON COLUMN public.cell_month.event_month IS 'Local month in which the events arrived: year * 12 + month - 1.';

COMMENT ON COLUMN public.cell_month.reported IS 'Change in: cases reported.';

COMMENT ON COLUMN public.cell_month.accepted IS 'Change in: first acceptances (acts).';

COMMENT ON COLUMN public.cell_month.valid IS 'Change in: accepted or settled and not refused, voided or merged.';

COMMENT ON COLUMN public.cell_month.closed IS 'Change in: closed or archived.';

COMMENT ON COLUMN public.cell_month.self_closed IS 'Change in: closed by the worker who found them.';

COMMENT ON COLUMN public.cell_month.closings IS 'Change in: closings (acts).';

COMMENT ON COLUMN public.cell_month.refused IS 'Change in: refused.';

COMMENT ON COLUMN public.cell_month.voided IS 'Change in: voided or recalled.';

COMMENT ON COLUMN public.cell_month.merged IS 'Change in: merged into another.';

COMMENT ON COLUMN public.cell_month.suspended IS 'Change in: suspended.';

COMMENT ON COLUMN public.cell_month.forced IS 'Change in: closed by force.';

COMMENT ON COLUMN public.cell_month.reopened IS 'Change in: valid and reopened at least once.';

COMMENT ON COLUMN public.cell_month.returned IS 'Change in: returns (acts).';

COMMENT ON COLUMN public.cell_month.dispatched IS 'Change in: dispatches (acts).';

COMMENT ON COLUMN public.cell_month.reworked IS 'Change in: valid and reworked at least once.';

COMMENT ON COLUMN public.cell_month.on_time IS 'Change in: closed on time.';

COMMENT ON COLUMN public.cell_month.late IS 'Change in: closed late.';

COMMENT ON COLUMN public.cell_month.no_deadline IS 'Change in: closed without a deadline.';

COMMENT ON COLUMN public.cell_month.fed_back IS 'Change in: feedbacks (acts).';

CREATE TABLE public.cell_more_category_month (
    level smallint NOT NULL,
    region bigint NOT NULL,
    category_id smallint NOT NULL,
    measure smallint NOT NULL,
    cohort_month integer NOT NULL,
    event_month integer NOT NULL,
    n integer NOT NULL
)
WITH (fillfactor='70');

COMMENT ON TABLE public.cell_more_category_month IS 'The measures from 19 on, by city, county and township, category and month.';

COMMENT ON COLUMN public.cell_more_category_month.level IS '1 city to 3 township.';

COMMENT ON COLUMN public.cell_more_category_month.region IS 'Code padded to 15 digits.';

COMMENT ON COLUMN public.cell_more_category_month.category_id IS 'Category.';

COMMENT ON COLUMN public.cell_more_category_month.measure IS 'Number of the measure.';

COMMENT ON COLUMN public.cell_more_category_month.cohort_month IS 'Local month of the report: year * 12 + month - 1.';

COMMENT ON COLUMN public.cell_more_category_month.event_month IS 'Local month in which the events arrived: year * 12 + month - 1.';

COMMENT ON COLUMN public.cell_more_category_month.n IS 'Change in the measure.';

CREATE TABLE public.cell_more_month (
    level smallint NOT NULL,
    region bigint NOT NULL,
    measure smallint NOT NULL,
    cohort_month integer NOT NULL,
    event_month integer NOT NULL,
    n integer NOT NULL
)
WITH (fillfactor='70');

COMMENT ON TABLE public.cell_more_month IS 'The measures from 19 on, by region down to the community and by month.';

COMMENT ON COLUMN public.cell_more_month.level IS '1 city to 4 community.';

COMMENT ON COLUMN public.cell_more_month.region IS 'Code padded to 15 digits.';

COMMENT ON COLUMN public.cell_more_month.measure IS 'Number of the measure.';

COMMENT ON COLUMN public.cell_more_month.cohort_month IS 'Local month of the report: year * 12 + month - 1.';

COMMENT ON COLUMN public.cell_more_month.event_month IS 'Local month in which the events arrived: year * 12 + month - 1.';

COMMENT ON COLUMN public.cell_more_month.n IS 'Change in the measure.';

CREATE TABLE public.cell_more_organ_month (
    organ_id integer NOT NULL,
    measure smallint NOT NULL,
    cohort_month integer NOT NULL,
    event_month integer NOT NULL,
    n integer NOT NULL
)
WITH (fillfactor='70');

COMMENT ON TABLE public.cell_more_organ_month IS 'The measures from 19 on, by lead organ at the time and by month.';

COMMENT ON COLUMN public.cell_more_organ_month.organ_id IS 'Lead organ.';

COMMENT ON COLUMN public.cell_more_organ_month.measure IS 'Number of the measure.';

COMMENT ON COLUMN public.cell_more_organ_month.cohort_month IS 'Local month of the report: year * 12 + month - 1.';

COMMENT ON COLUMN public.cell_more_organ_month.event_month IS 'Local month in which the events arrived: year * 12 + month - 1.';

COMMENT ON COLUMN public.cell_more_organ_month.n IS 'Change in the measure.';

CREATE TABLE public.cell_organ_month (
    organ_id integer NOT NULL,
    cohort_month integer NOT NULL,
    event_month integer NOT NULL,
    reported integer NOT NULL,
    accepted integer NOT NULL,
    valid integer NOT NULL,
    closed integer NOT NULL,
    self_closed integer NOT NULL,
    closings integer NOT NULL,
    refused integer NOT NULL,
    voided integer NOT NULL,
    merged integer NOT NULL,
    suspended integer NOT NULL,
    forced integer NOT NULL,
    reopened integer NOT NULL,
    returned integer NOT NULL,
    dispatched integer NOT NULL,
    reworked integer NOT NULL,
    on_time integer NOT NULL,
    late integer NOT NULL,
    no_deadline integer NOT NULL,
    fed_back integer NOT NULL
)
WITH (fillfactor='70');

COMMENT ON TABLE public.cell_organ_month IS 'By lead organ at the time and by month.';

COMMENT ON COLUMN public.cell_organ_month.organ_id IS 'Lead organ.';

COMMENT ON COLUMN public.cell_organ_month.cohort_month IS 'Local month of the report: year * 12 + month - 1.';

COMMENT ON COLUMN public.cell_organ_month.event_month IS 'Local month in which the events arrived: year * 12 + month - 1.';

COMMENT ON COLUMN public.cell_organ_month.reported IS 'Change in: cases reported.';

COMMENT ON COLUMN public.cell_organ_month.accepted IS 'Change in: first acceptances (acts).';

COMMENT ON COLUMN public.cell_organ_month.valid IS 'Change in: accepted or settled and not refused, voided or merged.';

COMMENT ON COLUMN public.cell_organ_month.closed IS 'Change in: closed or archived.';

COMMENT ON COLUMN public.cell_organ_month.self_closed IS 'Change in: closed by the worker who found them.';

COMMENT ON COLUMN public.cell_organ_month.closings IS 'Change in: closings (acts).';

COMMENT ON COLUMN public.cell_organ_month.refused IS 'Change in: refused.';

COMMENT ON COLUMN public.cell_organ_month.voided IS 'Change in: voided or recalled.';

COMMENT ON COLUMN public.cell_organ_month.merged IS 'Change in: merged into another.';

COMMENT ON COLUMN public.cell_organ_month.suspended IS 'Change in: suspended.';

COMMENT ON COLUMN public.cell_organ_month.forced IS 'Change in: closed by force.';

COMMENT ON COLUMN public.cell_organ_month.reopened IS 'Change in: valid and reopened at least once.';

COMMENT ON COLUMN public.cell_organ_month.returned IS 'Change in: returns (acts).';

COMMENT ON COLUMN public.cell_organ_month.dispatched IS 'Change in: dispatches (acts).';

COMMENT ON COLUMN public.cell_organ_month.reworked IS 'Change in: valid and reworked at least once.';

COMMENT ON COLUMN public.cell_organ_month.on_time IS 'Change in: closed on time.';

COMMENT ON COLUMN public.cell_organ_month.late IS 'Change in: closed late.';

COMMENT ON COLUMN public.cell_organ_month.no_deadline IS 'Change in: closed without a deadline.';

COMMENT ON COLUMN public.cell_organ_month.fed_back IS 'Change in: feedbacks (acts).';

CREATE TABLE public.cell_position (
    one boolean DEFAULT true NOT NULL,
    feed_xid xid8 NOT NULL,
    seq bigint NOT NULL,
    CONSTRAINT cell_position_one_check CHECK (one)
);

COMMENT ON TABLE public.cell_position IS 'How far the feed has been folded into the cells; a single row.';

COMMENT ON COLUMN public.cell_position.one IS 'Always true.';

COMMENT ON COLUMN public.cell_position.feed_xid IS 'Transaction of the last folded event.';

COMMENT ON COLUMN public.cell_position.seq IS 'Its position within that transaction.';

CREATE TABLE public.dispatch_rule (
    id uuid NOT NULL,
    category_prefix text NOT NULL,
    region_code bigint NOT NULL,
    weekdays smallint NOT NULL,
    from_minute smallint NOT NULL,
    to_minute smallint NOT NULL,
    organ_id integer NOT NULL,
    co_organ_ids integer[] NOT NULL,
    priority integer NOT NULL,
    note text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    changed_by uuid NOT NULL,
    CONSTRAINT dispatch_rule_category_check CHECK ((category_prefix ~ '^([A-Z][0-9]{0,4})?$'::text)),
    CONSTRAINT dispatch_rule_minutes_check CHECK ((((from_minute = 0) AND (to_minute = 0)) OR (((from_minute >= 0) AND (from_minute <= 1439)) AND ((to_minute >= (from_minute + 1)) AND (to_minute <= 1440))))),
    CONSTRAINT dispatch_rule_note_check CHECK ((char_length(note) <= 200)),
    CONSTRAINT dispatch_rule_weekdays_check CHECK (((weekdays >= 0) AND (weekdays <= 127)))
);

COMMENT ON TABLE public.dispatch_rule IS 'Which organ a case should be given to; the most specific rule that matches wins.';

COMMENT ON COLUMN public.dispatch_rule.id IS 'UUIDv7 given by who made it.';

COMMENT ON COLUMN public.dispatch_rule.category_prefix IS 'Beginning of a category code; empty: all.';

COMMENT ON COLUMN public.dispatch_rule.region_code IS 'Subtree, padded to 15 digits; 0: everywhere.';

COMMENT ON COLUMN public.dispatch_rule.weekdays IS 'Bit 0 Monday to bit 6 Sunday; 0: every day.';

COMMENT ON COLUMN public.dispatch_rule.from_minute IS 'Minutes after local midnight.';

COMMENT ON COLUMN public.dispatch_rule.to_minute IS 'Before this minute; both 0: the whole day.';

COMMENT ON COLUMN public.dispatch_rule.organ_id IS 'Lead organ to suggest.';

COMMENT ON COLUMN public.dispatch_rule.co_organ_ids IS 'Organs to help.';

COMMENT ON COLUMN public.dispatch_rule.priority IS 'Breaks a tie; higher wins.';

COMMENT ON COLUMN public.dispatch_rule.note IS 'Why.';

COMMENT ON COLUMN public.dispatch_rule.changed_at IS 'When it was last changed.';

COMMENT ON COLUMN public.dispatch_rule.changed_by IS 'By which account.';

CREATE TABLE public.frozen_report (
    id uuid NOT NULL,
    request_id uuid NOT NULL,
    request_hash bigint NOT NULL,
    code text NOT NULL,
    request bytea NOT NULL,
    region_code bigint NOT NULL,
    title text NOT NULL,
    title_en text NOT NULL,
    as_of timestamp with time zone NOT NULL,
    frozen_at timestamp with time zone NOT NULL,
    frozen_by uuid NOT NULL,
    frozen_by_name text NOT NULL,
    note text NOT NULL,
    rows bigint NOT NULL,
    digest text NOT NULL,
    CONSTRAINT frozen_report_digest_check CHECK ((digest ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT frozen_report_note_check CHECK ((char_length(note) <= 200))
);

COMMENT ON TABLE public.frozen_report IS 'A report as it was when somebody signed it. Only ever inserted into.';

COMMENT ON COLUMN public.frozen_report.id IS 'Made by the server.';

COMMENT ON COLUMN public.frozen_report.request_id IS 'Idempotency key of the request.';

COMMENT ON COLUMN public.frozen_report.request_hash IS 'First 64 bits of the request''s BLAKE2b: the same key with another body is refused.';

COMMENT ON COLUMN public.frozen_report.code IS 'Of the built-in report.';

COMMENT ON COLUMN public.frozen_report.request IS 'The packed PullReportRequest with its defaults filled in.';

COMMENT ON COLUMN public.frozen_report.region_code IS 'Region of the report, padded; 0: everywhere. Who may not see it does not see the report.';

COMMENT ON COLUMN public.frozen_report.title IS 'Chinese.';

COMMENT ON COLUMN public.frozen_report.title_en IS 'English.';

COMMENT ON COLUMN public.frozen_report.as_of IS 'Up to when it knows.';

COMMENT ON COLUMN public.frozen_report.frozen_at IS 'When it was frozen.';

COMMENT ON COLUMN public.frozen_report.frozen_by IS 'Account.';

COMMENT ON COLUMN public.frozen_report.frozen_by_name IS 'Its name then.';

COMMENT ON COLUMN public.frozen_report.note IS 'Why, or for whom.';

COMMENT ON COLUMN public.frozen_report.rows IS 'Rows in all.';

COMMENT ON COLUMN public.frozen_report.digest IS 'SHA-256 over the parts, as ReportEnd tells it.';

CREATE TABLE public.frozen_report_part (
    report_id uuid NOT NULL,
    number integer NOT NULL,
    part bytea NOT NULL
);

COMMENT ON TABLE public.frozen_report_part IS 'The parts of a frozen report as they were sent. Only ever inserted into.';

COMMENT ON COLUMN public.frozen_report_part.report_id IS 'The report.';

COMMENT ON COLUMN public.frozen_report_part.number IS 'From 1.';

COMMENT ON COLUMN public.frozen_report_part.part IS 'A packed ReportPart.';

CREATE TABLE public.limit_rule (
    id integer NOT NULL,
    clock smallint NOT NULL,
    category_prefix text NOT NULL,
    urgency smallint NOT NULL,
    region_code bigint NOT NULL,
    unit smallint NOT NULL,
    amount integer NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    valid_to timestamp with time zone,
    CONSTRAINT limit_rule_amount_check CHECK ((amount > 0)),
    CONSTRAINT limit_rule_category_check CHECK ((category_prefix ~ '^([A-Z]([0-9]{2}([0-9]{2})?)?)?$'::text)),
    CONSTRAINT limit_rule_clock_check CHECK (((clock >= 1) AND (clock <= 5))),
    CONSTRAINT limit_rule_unit_check CHECK (((unit >= 0) AND (unit <= 3))),
    CONSTRAINT limit_rule_urgency_check CHECK (((urgency >= 0) AND (urgency <= 3))),
    CONSTRAINT limit_rule_valid_check CHECK ((valid_to > valid_from))
);

COMMENT ON TABLE public.limit_rule IS 'How long a clock may run: rules from an instant on. Rows are only added and ended; a running clock keeps its limit.';

COMMENT ON COLUMN public.limit_rule.id IS 'Clocks name the rule they were started with.';

COMMENT ON COLUMN public.limit_rule.clock IS '1 accept, 2 dispatch, 3 handle, 4 check, 5 overall.';

COMMENT ON COLUMN public.limit_rule.category_prefix IS 'Beginning of category codes; empty: all.';

COMMENT ON COLUMN public.limit_rule.urgency IS 'As wangge.v1.Urgency; 0: any.';

COMMENT ON COLUMN public.limit_rule.region_code IS 'Subtree, padded to 15 digits; 0: everywhere.';

COMMENT ON COLUMN public.limit_rule.unit IS '0 working seconds, 1 urgent seconds, 2 working days, 3 calendar days.';

COMMENT ON COLUMN public.limit_rule.amount IS 'In the unit.';

COMMENT ON COLUMN public.limit_rule.valid_from IS 'For clocks that start then or later.';

COMMENT ON COLUMN public.limit_rule.valid_to IS 'And before then; null: still.';

ALTER TABLE public.limit_rule ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.limit_rule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.notice (
    id bigint NOT NULL,
    kind smallint NOT NULL,
    case_id uuid NOT NULL,
    event_version integer NOT NULL,
    action smallint NOT NULL,
    actor_id uuid,
    actor_name text,
    actor_role smallint,
    actor_organ_id integer,
    through_id uuid,
    through_number bigint,
    at timestamp with time zone NOT NULL,
    approval smallint NOT NULL,
    clock smallint NOT NULL,
    due_at timestamp with time zone,
    account_id uuid,
    organ_id integer,
    region_code bigint,
    roles integer NOT NULL,
    CONSTRAINT notice_action_check CHECK (((action = 0) = (event_version = 0))),
    CONSTRAINT notice_approval_check CHECK (((approval >= 0) AND (approval <= 4))),
    CONSTRAINT notice_audience_check CHECK ((num_nonnulls(account_id, organ_id, region_code) = 1)),
    CONSTRAINT notice_kind_check CHECK (((kind >= 1) AND (kind <= 7))),
    CONSTRAINT notice_light_check CHECK ((((event_version = 0) = (clock > 0)) AND ((clock > 0) = (due_at IS NOT NULL)))),
    CONSTRAINT notice_roles_check CHECK (((region_code IS NULL) OR (roles <> 0))),
    CONSTRAINT notice_through_check CHECK (((through_id IS NULL) = (through_number IS NULL)))
);

COMMENT ON TABLE public.notice IS 'What somebody is told: one row an audience, not one a person. Written below the lock of notice_position, so that ids become visible in their order.';

COMMENT ON COLUMN public.notice.id IS 'Rises in the order in which notices become visible.';

COMMENT ON COLUMN public.notice.kind IS 'As wangge.v1.NoticeKind.';

COMMENT ON COLUMN public.notice.case_id IS 'The case it is about.';

COMMENT ON COLUMN public.notice.event_version IS 'The event that made it; 0 of a light.';

COMMENT ON COLUMN public.notice.action IS 'What happened, as wangge.v1.Action; 0 of a light.';

COMMENT ON COLUMN public.notice.actor_id IS 'Who did it; null of a light, and of a lead case''s event.';

COMMENT ON COLUMN public.notice.actor_name IS 'Display name at the time.';

COMMENT ON COLUMN public.notice.actor_role IS 'As wangge.v1.Role.';

COMMENT ON COLUMN public.notice.actor_organ_id IS 'The actor''s organ.';

COMMENT ON COLUMN public.notice.through_id IS 'The lead case whose event it was, if that is another.';

COMMENT ON COLUMN public.notice.through_number IS 'Its number: told to whoever may not see that case.';

COMMENT ON COLUMN public.notice.at IS 'When the event arrived or the light changed.';

COMMENT ON COLUMN public.notice.approval IS 'As wangge.v1.ApprovalKind; 0 if it is about none.';

COMMENT ON COLUMN public.notice.clock IS 'Of a light: which clock, as enum clock_kind of server/domain/deadline.h; else 0.';

COMMENT ON COLUMN public.notice.due_at IS 'Of a light: when that clock is due.';

COMMENT ON COLUMN public.notice.account_id IS 'Audience: this account.';

COMMENT ON COLUMN public.notice.organ_id IS 'Audience: the people of this organ.';

COMMENT ON COLUMN public.notice.region_code IS 'Audience: the people whose own region is this one.';

COMMENT ON COLUMN public.notice.roles IS 'Of an organ or a region: bit r set for those of role r; 0 for all.';

CREATE TABLE public.notice_exception (
    account_id uuid NOT NULL,
    notice_id bigint NOT NULL,
    read boolean NOT NULL
);

COMMENT ON TABLE public.notice_exception IS 'Notices an account read, or marked unread again, apart from its mark.';

COMMENT ON COLUMN public.notice_exception.account_id IS 'Who.';

COMMENT ON COLUMN public.notice_exception.notice_id IS 'Which notice.';

COMMENT ON COLUMN public.notice_exception.read IS 'Whether it counts as read.';

ALTER TABLE public.notice ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.notice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.notice_mark (
    account_id uuid NOT NULL,
    up_to bigint NOT NULL
);

COMMENT ON TABLE public.notice_mark IS 'Up to which notice an account has read everything.';

COMMENT ON COLUMN public.notice_mark.account_id IS 'Who.';

COMMENT ON COLUMN public.notice_mark.up_to IS 'Notices up to this id are read, exceptions aside.';

CREATE TABLE public.notice_position (
    one boolean DEFAULT true NOT NULL,
    feed_xid xid8 NOT NULL,
    seq bigint NOT NULL,
    CONSTRAINT notice_position_one_check CHECK (one)
);

COMMENT ON TABLE public.notice_position IS 'How far the feed has been turned into notices; a single row, and the lock below which notices are written.';

COMMENT ON COLUMN public.notice_position.one IS 'Always true.';

COMMENT ON COLUMN public.notice_position.feed_xid IS 'Transaction of the last event looked at.';

COMMENT ON COLUMN public.notice_position.seq IS 'Its position within that transaction.';

CREATE TABLE public.organ (
    id integer NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    kind smallint NOT NULL,
    region_code bigint NOT NULL,
    region_level smallint NOT NULL,
    initials text DEFAULT ''::text NOT NULL,
    active boolean DEFAULT true NOT NULL,
    CONSTRAINT organ_code_check CHECK ((code ~ '^[A-Z0-9-]{1,32}$'::text)),
    CONSTRAINT organ_kind_check CHECK (((kind >= 1) AND (kind <= 7)))
);

COMMENT ON TABLE public.organ IS 'Units that handle cases.';

COMMENT ON COLUMN public.organ.id IS 'Short key for cases, events and cells.';

COMMENT ON COLUMN public.organ.code IS 'Code as people and systems write it.';

COMMENT ON COLUMN public.organ.name IS 'Chinese name.';

COMMENT ON COLUMN public.organ.kind IS '1 centre, 2 department, 3 police, 4 court, 5 justice, 6 community, 7 external.';

COMMENT ON COLUMN public.organ.region_code IS 'The subtree it serves.';

COMMENT ON COLUMN public.organ.region_level IS 'Level of that region.';

COMMENT ON COLUMN public.organ.initials IS 'Pinyin initials, upper case.';

COMMENT ON COLUMN public.organ.active IS 'It may receive cases.';

ALTER TABLE public.organ ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.organ_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.password_history (
    id bigint NOT NULL,
    account_id uuid NOT NULL,
    password_hash text NOT NULL,
    replaced_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.password_history IS 'Passwords that were replaced, as hashes; at most 24 an account.';

COMMENT ON COLUMN public.password_history.id IS 'Order.';

COMMENT ON COLUMN public.password_history.account_id IS 'Whose.';

COMMENT ON COLUMN public.password_history.password_hash IS 'argon2id in the PHC string format.';

COMMENT ON COLUMN public.password_history.replaced_at IS 'When another one took its place.';

ALTER TABLE public.password_history ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.password_history_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.password_policy (
    id boolean DEFAULT true NOT NULL,
    min_length smallint DEFAULT 12 NOT NULL,
    min_classes smallint DEFAULT 3 NOT NULL,
    refuse_common boolean DEFAULT true NOT NULL,
    max_age_days integer DEFAULT 90 NOT NULL,
    history smallint DEFAULT 5 NOT NULL,
    CONSTRAINT password_policy_age_check CHECK (((max_age_days >= 0) AND (max_age_days <= 3650))),
    CONSTRAINT password_policy_classes_check CHECK (((min_classes >= 1) AND (min_classes <= 4))),
    CONSTRAINT password_policy_history_check CHECK (((history >= 0) AND (history <= 24))),
    CONSTRAINT password_policy_id_check CHECK (id),
    CONSTRAINT password_policy_length_check CHECK (((min_length >= 8) AND (min_length <= 128)))
);

COMMENT ON TABLE public.password_policy IS 'The rules of new passwords; one row.';

COMMENT ON COLUMN public.password_policy.id IS 'Always true.';

COMMENT ON COLUMN public.password_policy.min_length IS 'Characters.';

COMMENT ON COLUMN public.password_policy.min_classes IS 'How many of upper case, lower case, digit, other.';

COMMENT ON COLUMN public.password_policy.refuse_common IS 'Refuse common passwords and ones that hold the login.';

COMMENT ON COLUMN public.password_policy.max_age_days IS 'Days until it must be changed; 0: never. Not for service accounts.';

COMMENT ON COLUMN public.password_policy.history IS 'How many of the last ones, the present one included, may not be chosen again.';

CREATE TABLE public.people_change (
    request_id uuid NOT NULL,
    request_hash bigint NOT NULL,
    case_id uuid NOT NULL,
    account_id uuid NOT NULL,
    at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.people_change IS 'Each time the people of a case were replaced; the idempotency record of SetPeople. The audit has the same row in words.';

COMMENT ON COLUMN public.people_change.request_id IS 'Idempotency key.';

COMMENT ON COLUMN public.people_change.request_hash IS 'Keyed hash of the request: says nothing about the people in it.';

COMMENT ON COLUMN public.people_change.case_id IS 'The case.';

COMMENT ON COLUMN public.people_change.account_id IS 'Who replaced them.';

COMMENT ON COLUMN public.people_change.at IS 'When.';

CREATE TABLE public.region (
    code bigint NOT NULL,
    level smallint NOT NULL,
    name text NOT NULL,
    initials text DEFAULT ''::text NOT NULL,
    valid_from date DEFAULT '1949-10-01'::date NOT NULL,
    valid_to date,
    boundary double precision[],
    CONSTRAINT region_boundary_check CHECK (((boundary IS NULL) OR ((level = 5) AND ((array_length(boundary, 1) >= 6) AND (array_length(boundary, 1) <= 400))))),
    CONSTRAINT region_code_check CHECK (((code >= '100000000000000'::bigint) AND (code <= '999999999999999'::bigint))),
    CONSTRAINT region_level_check CHECK (((level >= 1) AND (level <= 5))),
    CONSTRAINT region_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 40))),
    CONSTRAINT region_valid_check CHECK (((valid_to IS NULL) OR (valid_to >= valid_from)))
);

COMMENT ON TABLE public.region IS 'Administrative regions and grids; a code is kept for ever, also when void.';

COMMENT ON COLUMN public.region.code IS 'Code padded with zeros to 15 digits: a subtree is an interval of integers (GB/T 2260, GB/T 10114).';

COMMENT ON COLUMN public.region.level IS '1 city, 2 county, 3 township, 4 community, 5 grid.';

COMMENT ON COLUMN public.region.name IS 'Chinese name, 1 to 40 characters.';

COMMENT ON COLUMN public.region.initials IS 'Pinyin initials, upper case, for finding.';

COMMENT ON COLUMN public.region.valid_from IS 'First day of validity.';

COMMENT ON COLUMN public.region.valid_to IS 'Last day of validity; null while valid.';

COMMENT ON COLUMN public.region.boundary IS 'Of a grid: latitude, longitude, latitude, longitude, … (WGS 84), not closed.';

CREATE TABLE public.saved_report (
    code text NOT NULL,
    owner_id uuid NOT NULL,
    owner_name text NOT NULL,
    region_code bigint NOT NULL,
    shared boolean NOT NULL,
    definition bytea NOT NULL,
    schedule smallint NOT NULL,
    at_minute integer NOT NULL,
    saved_at timestamp with time zone NOT NULL,
    CONSTRAINT saved_report_at_check CHECK (((at_minute >= 0) AND (at_minute <= 1439))),
    CONSTRAINT saved_report_code_check CHECK ((code ~ '^[A-Z0-9_-]{1,32}$'::text)),
    CONSTRAINT saved_report_schedule_check CHECK (((schedule >= 1) AND (schedule <= 4)))
);

COMMENT ON TABLE public.saved_report IS 'Report definitions people saved, with their filters and schedule.';

COMMENT ON COLUMN public.saved_report.code IS 'What it is pulled by.';

COMMENT ON COLUMN public.saved_report.owner_id IS 'Account that saved it; it alone changes it and takes its runs.';

COMMENT ON COLUMN public.saved_report.owner_name IS 'Its name then.';

COMMENT ON COLUMN public.saved_report.region_code IS 'Region of the report, padded; 0: everywhere.';

COMMENT ON COLUMN public.saved_report.shared IS 'Whoever may see the region may pull it.';

COMMENT ON COLUMN public.saved_report.definition IS 'The packed ReportDefinition.';

COMMENT ON COLUMN public.saved_report.schedule IS 'As wangge.v1.Schedule: 1 none, 2 daily, 3 weekly, 4 monthly.';

COMMENT ON COLUMN public.saved_report.at_minute IS 'Minute of the business day from which a run is due.';

COMMENT ON COLUMN public.saved_report.saved_at IS 'When it was saved last: runs due before are not made up for.';

CREATE TABLE public.scheduled_run (
    id uuid NOT NULL,
    code text NOT NULL,
    period_from date NOT NULL,
    period_to date NOT NULL,
    due_at timestamp with time zone NOT NULL,
    taken_by uuid NOT NULL,
    lease_until timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    files text[],
    failed text
);

COMMENT ON TABLE public.scheduled_run IS 'Runs of scheduled reports that were taken: each period of a report is written once.';

COMMENT ON COLUMN public.scheduled_run.id IS 'Changes each time it is taken.';

COMMENT ON COLUMN public.scheduled_run.code IS 'The saved report.';

COMMENT ON COLUMN public.scheduled_run.period_from IS 'First day of the window.';

COMMENT ON COLUMN public.scheduled_run.period_to IS 'Last day of the window.';

COMMENT ON COLUMN public.scheduled_run.due_at IS 'From when it was due.';

COMMENT ON COLUMN public.scheduled_run.taken_by IS 'Account that took it.';

COMMENT ON COLUMN public.scheduled_run.lease_until IS 'Until when whoever took it may finish; then it is due again.';

COMMENT ON COLUMN public.scheduled_run.finished_at IS 'When it was written; null: it was not.';

COMMENT ON COLUMN public.scheduled_run.files IS 'What was written.';

COMMENT ON COLUMN public.scheduled_run.failed IS 'Why the last try failed.';

CREATE TABLE public.schema_migration (
    version integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.schema_migration IS 'Migrations that were applied; their text never changes again.';

COMMENT ON COLUMN public.schema_migration.version IS 'Number at the front of the file''s name.';

COMMENT ON COLUMN public.schema_migration.name IS 'Name of the file.';

COMMENT ON COLUMN public.schema_migration.checksum IS 'SHA-256 of the text, hexadecimal.';

COMMENT ON COLUMN public.schema_migration.applied_at IS 'When it was applied.';

CREATE TABLE public.schema_script (
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.schema_script IS 'Repeatable scripts as they were last applied.';

COMMENT ON COLUMN public.schema_script.name IS 'Name of the file.';

COMMENT ON COLUMN public.schema_script.checksum IS 'SHA-256 of the text, hexadecimal.';

COMMENT ON COLUMN public.schema_script.applied_at IS 'When it was last applied.';

CREATE TABLE public.search_position (
    one boolean DEFAULT true NOT NULL,
    feed_xid xid8 NOT NULL,
    seq bigint NOT NULL,
    generation bigint DEFAULT 0 NOT NULL,
    CONSTRAINT search_position_one_check CHECK (one)
);

COMMENT ON TABLE public.search_position IS 'How far the feed has been folded into the search index; a single row.';

COMMENT ON COLUMN public.search_position.one IS 'Always true.';

COMMENT ON COLUMN public.search_position.feed_xid IS 'Transaction of the last folded event.';

COMMENT ON COLUMN public.search_position.seq IS 'Its position within that transaction.';

COMMENT ON COLUMN public.search_position.generation IS 'How often the index was emptied: what was read of two generations does not fit together.';

CREATE TABLE public.search_posting (
    term integer NOT NULL,
    segment integer NOT NULL,
    hits bytea NOT NULL,
    CONSTRAINT search_posting_hits_check CHECK (((octet_length(hits) >= 1) AND (octet_length(hits) <= 513)))
)
WITH (fillfactor='85');

COMMENT ON TABLE public.search_posting IS 'At which places of a segment a term occurs.';

COMMENT ON COLUMN public.search_posting.term IS 'Hash of two neighbouring characters, or of a key such as a category.';

COMMENT ON COLUMN public.search_posting.segment IS 'The segment.';

COMMENT ON COLUMN public.search_posting.hits IS 'The places, as server/domain/posting.h writes them.';

CREATE TABLE public.search_segment (
    segment integer NOT NULL,
    slots smallint NOT NULL,
    days bytea NOT NULL,
    CONSTRAINT search_segment_days_check CHECK ((octet_length(days) = slots)),
    CONSTRAINT search_segment_slots_check CHECK (((slots >= 1) AND (slots <= 4096)))
);

COMMENT ON TABLE public.search_segment IS 'Segments of the search index.';

COMMENT ON COLUMN public.search_segment.segment IS 'Month of report (year * 12 + month - 1) * 1024 + running number.';

COMMENT ON COLUMN public.search_segment.slots IS 'Places in use.';

COMMENT ON COLUMN public.search_segment.days IS 'For each place, the day of the month of its case: puts places in order without reading cases.';

CREATE TABLE public.search_slot (
    case_id uuid NOT NULL,
    segment integer NOT NULL,
    slot smallint NOT NULL,
    CONSTRAINT search_slot_slot_check CHECK (((slot >= 0) AND (slot <= 4095)))
);

COMMENT ON TABLE public.search_slot IS 'Where each folded case is in the search index.';

COMMENT ON COLUMN public.search_slot.case_id IS 'The case.';

COMMENT ON COLUMN public.search_slot.segment IS 'Its segment.';

COMMENT ON COLUMN public.search_slot.slot IS 'Its place there.';

CREATE TABLE public.session (
    token_hash bytea NOT NULL,
    account_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    peer text DEFAULT ''::text NOT NULL,
    CONSTRAINT session_token_check CHECK ((octet_length(token_hash) = 32))
);

COMMENT ON TABLE public.session IS 'Open sessions. The token itself is never stored.';

COMMENT ON COLUMN public.session.token_hash IS 'BLAKE2b-256 of the token.';

COMMENT ON COLUMN public.session.account_id IS 'Whose session.';

COMMENT ON COLUMN public.session.created_at IS 'Login.';

COMMENT ON COLUMN public.session.expires_at IS 'Ends then, however busy.';

COMMENT ON COLUMN public.session.last_seen_at IS 'Last call, to the minute.';

COMMENT ON COLUMN public.session.id IS 'Names the session, does not open it.';

COMMENT ON COLUMN public.session.peer IS 'From where it was opened.';

CREATE TABLE public.setting (
    name text NOT NULL,
    value text NOT NULL
);

COMMENT ON TABLE public.setting IS 'Facts about this installation that every worker must agree on.';

COMMENT ON COLUMN public.setting.name IS 'Key, lower case with dots.';

COMMENT ON COLUMN public.setting.value IS 'Value as text.';

CREATE TABLE public.source (
    id integer NOT NULL,
    code text NOT NULL,
    CONSTRAINT source_code_check CHECK ((code ~ '^[A-Za-z0-9_.-]{1,32}$'::text))
);

COMMENT ON TABLE public.source IS 'Systems that report cases through service accounts; a row appears with the first account that names it.';

COMMENT ON COLUMN public.source.id IS 'What cases, policies and row security compare: an integer, never a text.';

COMMENT ON COLUMN public.source.code IS 'As account.source_code.';

ALTER TABLE public.source ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.source_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.timer_lease (
    job text NOT NULL,
    holder uuid NOT NULL,
    until timestamp with time zone NOT NULL,
    CONSTRAINT timer_lease_job_check CHECK ((job ~ '^[a-z_]{1,32}$'::text))
);

COMMENT ON TABLE public.timer_lease IS 'Which worker does which background work now. It saves the others the trouble; that a step is taken once does not depend on it.';

COMMENT ON COLUMN public.timer_lease.job IS 'The work.';

COMMENT ON COLUMN public.timer_lease.holder IS 'A worker process, by an id it made when it started.';

COMMENT ON COLUMN public.timer_lease.until IS 'By the database''s clock: from then on anybody may take it.';

CREATE TABLE public.timer_refusal (
    case_id uuid NOT NULL,
    action smallint NOT NULL,
    version integer NOT NULL,
    again_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.timer_refusal IS 'Due cases at which the gate refused the server''s own step: left alone until they change or some time has passed.';

COMMENT ON COLUMN public.timer_refusal.case_id IS 'The case.';

COMMENT ON COLUMN public.timer_refusal.action IS 'The step, as wangge.v1.Action.';

COMMENT ON COLUMN public.timer_refusal.version IS 'The case''s version when it was refused.';

COMMENT ON COLUMN public.timer_refusal.again_at IS 'When to try again although nothing changed.';

CREATE TABLE public.transition (
    from_state smallint NOT NULL,
    action smallint NOT NULL,
    to_state smallint NOT NULL
);

COMMENT ON TABLE public.transition IS 'Every step the state table allows, for people who query; filled by the program when it migrates.';

COMMENT ON COLUMN public.transition.from_state IS 'As wangge.v1.CaseState; 0 before a case exists.';

COMMENT ON COLUMN public.transition.action IS 'As wangge.v1.Action.';

COMMENT ON COLUMN public.transition.to_state IS 'As wangge.v1.CaseState.';

ALTER TABLE ONLY public.account_credential
    ADD CONSTRAINT account_credential_hash_key UNIQUE (hash);

ALTER TABLE ONLY public.account_credential
    ADD CONSTRAINT account_credential_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_login_key UNIQUE (login);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.attachment_chunk
    ADD CONSTRAINT attachment_chunk_pkey PRIMARY KEY (attachment_id, kept, at);

ALTER TABLE ONLY public.attachment
    ADD CONSTRAINT attachment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_row
    ADD CONSTRAINT audit_row_key_key UNIQUE (key);

ALTER TABLE ONLY public.audit_row
    ADD CONSTRAINT audit_row_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.bulk_item
    ADD CONSTRAINT bulk_item_pkey PRIMARY KEY (bulk_id, "position");

ALTER TABLE ONLY public.bulk_run
    ADD CONSTRAINT bulk_run_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.calendar
    ADD CONSTRAINT calendar_code_key UNIQUE (code);

ALTER TABLE ONLY public.calendar_day
    ADD CONSTRAINT calendar_day_pkey PRIMARY KEY (region_code, day);

ALTER TABLE ONLY public.calendar
    ADD CONSTRAINT calendar_pkey PRIMARY KEY (region_code);

ALTER TABLE ONLY public.calendar_season
    ADD CONSTRAINT calendar_season_pkey PRIMARY KEY (region_code, seq);

ALTER TABLE ONLY public.case_event
    ADD CONSTRAINT case_event_pkey PRIMARY KEY (case_id, version);

ALTER TABLE ONLY public.case_event
    ADD CONSTRAINT case_event_request_key UNIQUE (request_id);

ALTER TABLE public.case_event
    ADD CONSTRAINT case_event_transition_check CHECK (((((from_state * 10000) + (action * 100)) + to_state) = ANY (ARRAY[101, 210, 10210, 10313, 10402, 10603, 10712, 12701, 12813, 13014, 13401, 13601, 14001, 14301, 14401, 20501, 22702, 22813, 23014, 23402, 23602, 24002, 24302, 24402, 30801, 30904, 32703, 32813, 33014, 33209, 33403, 33603, 34003, 34303, 34403, 41004, 41105, 41203, 42704, 42813, 43014, 43404, 43604, 44004, 44204, 44304, 44404, 50801, 51005, 51203, 51304, 51405, 51506, 51705, 51807, 52310, 52705, 52813, 53014, 53209, 53405, 53605, 53705, 53805, 53905, 54005, 54205, 54305, 54405, 61605, 62310, 62706, 62813, 63406, 63606, 64006, 64306, 64406, 71908, 72105, 72210, 72310, 72707, 72813, 73407, 73607, 74007, 74307, 74407, 82007, 82708, 82813, 83408, 83608, 84008, 84308, 84408, 92709, 92813, 93303, 93310, 93409, 93609, 94009, 94309, 94409, 102410, 102503, 102611, 103510, 103610, 103910, 104010, 104110, 123612, 132901, 132902, 132903, 132904, 132905, 132906, 132907, 132908, 132909, 133613, 143101, 143102, 143103, 143104, 143105, 143614]))) NOT VALID;

ALTER TABLE ONLY public.case_file
    ADD CONSTRAINT case_file_number_key UNIQUE (number);

ALTER TABLE ONLY public.case_file
    ADD CONSTRAINT case_file_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.case_link
    ADD CONSTRAINT case_link_pkey PRIMARY KEY (case_id, merged_version);

ALTER TABLE ONLY public.case_number
    ADD CONSTRAINT case_number_pkey PRIMARY KEY (county, day);

ALTER TABLE ONLY public.case_person
    ADD CONSTRAINT case_person_pkey PRIMARY KEY (case_id, "position");

ALTER TABLE ONLY public.category
    ADD CONSTRAINT category_code_key UNIQUE (code);

ALTER TABLE ONLY public.category
    ADD CONSTRAINT category_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.cell_category_month
    ADD CONSTRAINT cell_category_month_pkey PRIMARY KEY (level, region, category_id, cohort_month, event_month);

ALTER TABLE ONLY public.cell_day
    ADD CONSTRAINT cell_day_pkey PRIMARY KEY (level, region, cohort_day, event_day);

ALTER TABLE ONLY public.cell_month
    ADD CONSTRAINT cell_month_pkey PRIMARY KEY (level, region, cohort_month, event_month);

ALTER TABLE ONLY public.cell_more_category_month
    ADD CONSTRAINT cell_more_category_month_pkey PRIMARY KEY (level, measure, region, category_id, cohort_month, event_month);

ALTER TABLE ONLY public.cell_more_month
    ADD CONSTRAINT cell_more_month_pkey PRIMARY KEY (level, measure, region, cohort_month, event_month);

ALTER TABLE ONLY public.cell_more_organ_month
    ADD CONSTRAINT cell_more_organ_month_pkey PRIMARY KEY (measure, organ_id, cohort_month, event_month);

ALTER TABLE ONLY public.cell_organ_month
    ADD CONSTRAINT cell_organ_month_pkey PRIMARY KEY (organ_id, cohort_month, event_month);

ALTER TABLE ONLY public.cell_position
    ADD CONSTRAINT cell_position_pkey PRIMARY KEY (one);

ALTER TABLE ONLY public.dispatch_rule
    ADD CONSTRAINT dispatch_rule_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.frozen_report_part
    ADD CONSTRAINT frozen_report_part_pkey PRIMARY KEY (report_id, number);

ALTER TABLE ONLY public.frozen_report
    ADD CONSTRAINT frozen_report_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.frozen_report
    ADD CONSTRAINT frozen_report_request_key UNIQUE (request_id);

ALTER TABLE ONLY public.limit_rule
    ADD CONSTRAINT limit_rule_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.limit_rule
    ADD CONSTRAINT limit_rule_rule_key UNIQUE (clock, category_prefix, urgency, region_code, valid_from);

ALTER TABLE ONLY public.notice_exception
    ADD CONSTRAINT notice_exception_pkey PRIMARY KEY (account_id, notice_id);

ALTER TABLE ONLY public.notice_mark
    ADD CONSTRAINT notice_mark_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.notice
    ADD CONSTRAINT notice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.notice_position
    ADD CONSTRAINT notice_position_pkey PRIMARY KEY (one);

ALTER TABLE ONLY public.organ
    ADD CONSTRAINT organ_code_key UNIQUE (code);

ALTER TABLE ONLY public.organ
    ADD CONSTRAINT organ_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.password_history
    ADD CONSTRAINT password_history_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.password_policy
    ADD CONSTRAINT password_policy_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.people_change
    ADD CONSTRAINT people_change_pkey PRIMARY KEY (request_id);

ALTER TABLE ONLY public.region
    ADD CONSTRAINT region_pkey PRIMARY KEY (code, level);

ALTER TABLE ONLY public.saved_report
    ADD CONSTRAINT saved_report_pkey PRIMARY KEY (code);

ALTER TABLE ONLY public.scheduled_run
    ADD CONSTRAINT scheduled_run_period_key UNIQUE (code, period_from, period_to);

ALTER TABLE ONLY public.scheduled_run
    ADD CONSTRAINT scheduled_run_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.schema_script
    ADD CONSTRAINT schema_script_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.search_position
    ADD CONSTRAINT search_position_pkey PRIMARY KEY (one);

ALTER TABLE ONLY public.search_posting
    ADD CONSTRAINT search_posting_pkey PRIMARY KEY (term, segment);

ALTER TABLE ONLY public.search_segment
    ADD CONSTRAINT search_segment_pkey PRIMARY KEY (segment);

ALTER TABLE ONLY public.search_slot
    ADD CONSTRAINT search_slot_pkey PRIMARY KEY (case_id);

ALTER TABLE ONLY public.search_slot
    ADD CONSTRAINT search_slot_place_key UNIQUE (segment, slot) INCLUDE (case_id);

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_id_key UNIQUE (id);

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.setting
    ADD CONSTRAINT setting_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.source
    ADD CONSTRAINT source_code_key UNIQUE (code);

ALTER TABLE ONLY public.source
    ADD CONSTRAINT source_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.timer_lease
    ADD CONSTRAINT timer_lease_pkey PRIMARY KEY (job);

ALTER TABLE ONLY public.timer_refusal
    ADD CONSTRAINT timer_refusal_pkey PRIMARY KEY (case_id, action);

ALTER TABLE ONLY public.transition
    ADD CONSTRAINT transition_pkey PRIMARY KEY (from_state, action, to_state);

CREATE INDEX account_credential_account_idx ON public.account_credential USING btree (account_id);

CREATE UNIQUE INDEX account_officer_key ON public.account USING btree (lower(
CASE
    WHEN (person_code = ''::text) THEN login
    ELSE person_code
END)) WHERE ((role = ANY (ARRAY[12, 13, 14])) AND (NOT disabled));

COMMENT ON INDEX public.account_officer_key IS 'The three officers are disjoint: a person has one enabled officer''s account.';

CREATE INDEX account_region_role_idx ON public.account USING btree (region_code, role);

CREATE INDEX attachment_case_idx ON public.attachment USING btree (case_id, id);

CREATE INDEX attachment_sha256_idx ON public.attachment USING btree (sha256) WHERE complete;

CREATE INDEX audit_row_at_idx ON public.audit_row USING btree (at, id);

CREATE INDEX audit_row_login_idx ON public.audit_row USING btree (login, at) WHERE (login <> ''::text);

CREATE INDEX audit_row_object_idx ON public.audit_row USING btree (object, at) WHERE (object <> ''::text);

CREATE INDEX bulk_run_account_idx ON public.bulk_run USING btree (account_id, started_at DESC);

CREATE INDEX case_event_arrived_idx ON public.case_event USING brin (arrived_at) WITH (pages_per_range='32');

CREATE INDEX case_event_feed_idx ON public.case_event USING btree (feed_xid, seq);

CREATE INDEX case_event_more_idx ON public.case_event USING btree (cohort_day, grid_code) WHERE (COALESCE(more_before, more_after, more_flow) IS NOT NULL);

CREATE INDEX case_file_approvals_idx ON public.case_file USING btree (grid_code) WHERE (approvals <> 0);

CREATE INDEX case_file_card_idx ON public.case_file USING btree (grid_code, card) WHERE ((card > 0) AND (state <= 9));

CREATE INDEX case_file_closed_idx ON public.case_file USING btree (closed_at) WHERE (state = 10);

CREATE INDEX case_file_co_lapse_idx ON public.case_file USING btree (co_lapse_at) WHERE (co_lapse_at IS NOT NULL);

CREATE INDEX case_file_cohort_idx ON public.case_file USING btree (cohort_day, grid_code);

CREATE INDEX case_file_figure_due_idx ON public.case_file USING btree (figure_due_at) WHERE (figure_due_at IS NOT NULL);

CREATE INDEX case_file_grid_idx ON public.case_file USING btree (grid_code, cohort_day);

CREATE INDEX case_file_light_idx ON public.case_file USING btree (next_light_at) WHERE (next_light_at IS NOT NULL);

CREATE INDEX case_file_merged_idx ON public.case_file USING btree (merged_into) WHERE (merged_into IS NOT NULL);

CREATE INDEX case_file_open_idx ON public.case_file USING btree (grid_code, state) WHERE (state <= 9);

CREATE INDEX case_file_organ_idx ON public.case_file USING btree (organ_id, state) WHERE ((state <= 9) AND (organ_id IS NOT NULL));

CREATE INDEX case_file_revisited_idx ON public.case_file USING btree (last_event_at) WHERE ((state = 10) AND ((flags & 128) <> 0));

CREATE INDEX case_file_source_idx ON public.case_file USING btree (source_id, cohort_day, id) WHERE (source_id IS NOT NULL);

CREATE INDEX case_file_suspended_idx ON public.case_file USING btree (suspended_until) WHERE (state = 6);

CREATE INDEX case_link_lead_idx ON public.case_link USING btree (lead_id, merged_at);

CREATE UNIQUE INDEX case_link_open_idx ON public.case_link USING btree (case_id) WHERE (split_version IS NULL);

CREATE INDEX case_person_id_idx ON public.case_person USING btree (id_blind) WHERE (id_blind IS NOT NULL);

CREATE INDEX case_person_name_idx ON public.case_person USING btree (name_blind) WHERE (name_blind IS NOT NULL);

CREATE INDEX case_person_phone_idx ON public.case_person USING btree (phone_blind) WHERE (phone_blind IS NOT NULL);

CREATE INDEX frozen_report_list_idx ON public.frozen_report USING btree (frozen_at, id);

CREATE INDEX notice_account_idx ON public.notice USING btree (account_id, id) WHERE (account_id IS NOT NULL);

CREATE UNIQUE INDEX notice_light_key ON public.notice USING btree (case_id, kind, clock, due_at) WHERE (event_version = 0);

CREATE INDEX notice_organ_idx ON public.notice USING btree (organ_id, id) WHERE (organ_id IS NOT NULL);

CREATE INDEX notice_region_idx ON public.notice USING btree (region_code, id) WHERE (region_code IS NOT NULL);

CREATE INDEX password_history_account_idx ON public.password_history USING btree (account_id, id DESC);

CREATE INDEX session_account_idx ON public.session USING btree (account_id);

CREATE INDEX timer_refusal_again_idx ON public.timer_refusal USING btree (again_at);

CREATE TRIGGER account_last_security_delete AFTER DELETE ON public.account FOR EACH ROW WHEN (((old.role = 13) AND (NOT old.disabled))) EXECUTE FUNCTION public.account_keeps_security();

CREATE TRIGGER account_last_security_update AFTER UPDATE OF role, disabled ON public.account FOR EACH ROW WHEN (((old.role = 13) AND (NOT old.disabled) AND ((new.role <> 13) OR new.disabled))) EXECUTE FUNCTION public.account_keeps_security();

CREATE TRIGGER account_source_known AFTER INSERT OR UPDATE OF source_code ON public.account FOR EACH ROW WHEN ((new.source_code <> ''::text)) EXECUTE FUNCTION public.account_source_known();

CREATE TRIGGER audit_row_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_row FOR EACH STATEMENT EXECUTE FUNCTION public.audit_row_is_append_only();

CREATE TRIGGER case_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.case_event FOR EACH STATEMENT EXECUTE FUNCTION public.case_event_is_append_only();

CREATE TRIGGER frozen_report_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.frozen_report FOR EACH STATEMENT EXECUTE FUNCTION public.frozen_report_is_append_only();

CREATE TRIGGER frozen_report_part_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.frozen_report_part FOR EACH STATEMENT EXECUTE FUNCTION public.frozen_report_is_append_only();

ALTER TABLE ONLY public.account_credential
    ADD CONSTRAINT account_credential_account_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_organ_fkey FOREIGN KEY (organ_id) REFERENCES public.organ(id);

ALTER TABLE ONLY public.attachment_chunk
    ADD CONSTRAINT attachment_chunk_attachment_fkey FOREIGN KEY (attachment_id) REFERENCES public.attachment(id);

ALTER TABLE ONLY public.bulk_item
    ADD CONSTRAINT bulk_item_run_fkey FOREIGN KEY (bulk_id) REFERENCES public.bulk_run(id);

ALTER TABLE ONLY public.calendar_season
    ADD CONSTRAINT calendar_season_calendar_fkey FOREIGN KEY (region_code) REFERENCES public.calendar(region_code) ON DELETE CASCADE;

ALTER TABLE ONLY public.dispatch_rule
    ADD CONSTRAINT dispatch_rule_organ_fkey FOREIGN KEY (organ_id) REFERENCES public.organ(id);

ALTER TABLE ONLY public.frozen_report_part
    ADD CONSTRAINT frozen_report_part_report_fkey FOREIGN KEY (report_id) REFERENCES public.frozen_report(id);

ALTER TABLE ONLY public.notice_exception
    ADD CONSTRAINT notice_exception_account_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notice_mark
    ADD CONSTRAINT notice_mark_account_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.organ
    ADD CONSTRAINT organ_region_fkey FOREIGN KEY (region_code, region_level) REFERENCES public.region(code, level);

ALTER TABLE ONLY public.password_history
    ADD CONSTRAINT password_history_account_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.scheduled_run
    ADD CONSTRAINT scheduled_run_code_fkey FOREIGN KEY (code) REFERENCES public.saved_report(code) ON DELETE CASCADE;

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_account_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE public.attachment ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.attachment_chunk ENABLE ROW LEVEL SECURITY;

CREATE POLICY attachment_chunk_read ON public.attachment_chunk FOR SELECT TO wangge_read USING (
CASE
    WHEN (( SELECT (NULLIF(current_setting('wangge.region_hi'::text, true), ''::text))::bigint AS "nullif") = '9223372036854775807'::bigint) THEN true
    ELSE (EXISTS ( SELECT
       FROM public.attachment a
      WHERE (a.id = attachment_chunk.attachment_id)))
END);

CREATE POLICY attachment_chunk_write ON public.attachment_chunk TO wangge_write USING (true) WITH CHECK (true);

CREATE POLICY attachment_read ON public.attachment FOR SELECT TO wangge_read USING (
CASE
    WHEN (( SELECT (NULLIF(current_setting('wangge.region_hi'::text, true), ''::text))::bigint AS "nullif") = '9223372036854775807'::bigint) THEN true
    ELSE (EXISTS ( SELECT
       FROM public.case_file c
      WHERE (c.id = attachment.case_id)))
END);

CREATE POLICY attachment_write ON public.attachment TO wangge_write USING (true) WITH CHECK (true);

ALTER TABLE public.bulk_item ENABLE ROW LEVEL SECURITY;

CREATE POLICY bulk_item_read ON public.bulk_item FOR SELECT TO wangge_read USING (
CASE
    WHEN (( SELECT (NULLIF(current_setting('wangge.region_hi'::text, true), ''::text))::bigint AS "nullif") = '9223372036854775807'::bigint) THEN true
    ELSE (EXISTS ( SELECT
       FROM public.case_file c
      WHERE (c.id = bulk_item.case_id)))
END);

CREATE POLICY bulk_item_write ON public.bulk_item TO wangge_write USING (true) WITH CHECK (true);

ALTER TABLE public.case_event ENABLE ROW LEVEL SECURITY;

CREATE POLICY case_event_read ON public.case_event FOR SELECT TO wangge_read USING (
CASE
    WHEN (NOT COALESCE(((grid_code >= ( SELECT (NULLIF(current_setting('wangge.region_lo'::text, true), ''::text))::bigint AS "nullif")) AND (grid_code <= ( SELECT (NULLIF(current_setting('wangge.region_hi'::text, true), ''::text))::bigint AS "nullif"))), false)) THEN false
    WHEN ((COALESCE(( SELECT (NULLIF(current_setting('wangge.organ_id'::text, true), ''::text))::integer AS "nullif"), 0) = 0) AND (( SELECT (NULLIF(current_setting('wangge.reporter_id'::text, true), ''::text))::uuid AS "nullif") IS NULL) AND (COALESCE(( SELECT (NULLIF(current_setting('wangge.source_id'::text, true), ''::text))::integer AS "nullif"), 0) = 0)) THEN true
    ELSE (EXISTS ( SELECT
       FROM public.case_file c
      WHERE (c.id = case_event.case_id)))
END);

CREATE POLICY case_event_write ON public.case_event TO wangge_write USING (true) WITH CHECK (true);

ALTER TABLE public.case_file ENABLE ROW LEVEL SECURITY;

CREATE POLICY case_file_read ON public.case_file FOR SELECT TO wangge_read USING (
CASE
    WHEN ((grid_code >= ( SELECT (NULLIF(current_setting('wangge.region_lo'::text, true), ''::text))::bigint AS "nullif")) AND (grid_code <= ( SELECT (NULLIF(current_setting('wangge.region_hi'::text, true), ''::text))::bigint AS "nullif"))) THEN (((COALESCE(( SELECT (NULLIF(current_setting('wangge.organ_id'::text, true), ''::text))::integer AS "nullif"), 0) = 0) OR (organ_id = ( SELECT (NULLIF(current_setting('wangge.organ_id'::text, true), ''::text))::integer AS "nullif")) OR (( SELECT (NULLIF(current_setting('wangge.organ_id'::text, true), ''::text))::integer AS "nullif") = ANY (co_organ_ids))) AND ((( SELECT (NULLIF(current_setting('wangge.reporter_id'::text, true), ''::text))::uuid AS "nullif") IS NULL) OR (reporter_id = ( SELECT (NULLIF(current_setting('wangge.reporter_id'::text, true), ''::text))::uuid AS "nullif"))) AND ((COALESCE(( SELECT (NULLIF(current_setting('wangge.source_id'::text, true), ''::text))::integer AS "nullif"), 0) = 0) OR (source_id = ( SELECT (NULLIF(current_setting('wangge.source_id'::text, true), ''::text))::integer AS "nullif"))))
    ELSE false
END);

CREATE POLICY case_file_write ON public.case_file TO wangge_write USING (true) WITH CHECK (true);

ALTER TABLE public.case_link ENABLE ROW LEVEL SECURITY;

CREATE POLICY case_link_read ON public.case_link FOR SELECT TO wangge_read USING (
CASE
    WHEN (( SELECT (NULLIF(current_setting('wangge.region_hi'::text, true), ''::text))::bigint AS "nullif") = '9223372036854775807'::bigint) THEN true
    ELSE (EXISTS ( SELECT
       FROM public.case_file c
      WHERE (c.id = case_link.case_id)))
END);

CREATE POLICY case_link_write ON public.case_link TO wangge_write USING (true) WITH CHECK (true);

ALTER TABLE public.case_person ENABLE ROW LEVEL SECURITY;

CREATE POLICY case_person_read ON public.case_person FOR SELECT TO wangge_read USING (
CASE
    WHEN (NOT COALESCE(((grid_code >= ( SELECT (NULLIF(current_setting('wangge.region_lo'::text, true), ''::text))::bigint AS "nullif")) AND (grid_code <= ( SELECT (NULLIF(current_setting('wangge.region_hi'::text, true), ''::text))::bigint AS "nullif"))), false)) THEN false
    WHEN ((COALESCE(( SELECT (NULLIF(current_setting('wangge.organ_id'::text, true), ''::text))::integer AS "nullif"), 0) = 0) AND (( SELECT (NULLIF(current_setting('wangge.reporter_id'::text, true), ''::text))::uuid AS "nullif") IS NULL) AND (COALESCE(( SELECT (NULLIF(current_setting('wangge.source_id'::text, true), ''::text))::integer AS "nullif"), 0) = 0)) THEN true
    ELSE (EXISTS ( SELECT
       FROM public.case_file c
      WHERE (c.id = case_person.case_id)))
END);

CREATE POLICY case_person_write ON public.case_person TO wangge_write USING (true) WITH CHECK (true);

ALTER TABLE public.frozen_report ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.frozen_report_part ENABLE ROW LEVEL SECURITY;

CREATE POLICY frozen_report_part_read ON public.frozen_report_part FOR SELECT TO wangge_read USING ((EXISTS ( SELECT
   FROM public.frozen_report f
  WHERE (f.id = frozen_report_part.report_id))));

CREATE POLICY frozen_report_part_write ON public.frozen_report_part TO wangge_write USING (true) WITH CHECK (true);

CREATE POLICY frozen_report_read ON public.frozen_report FOR SELECT TO wangge_read USING (
CASE
    WHEN ((region_code >= ( SELECT (NULLIF(current_setting('wangge.region_lo'::text, true), ''::text))::bigint AS "nullif")) AND (region_code <= ( SELECT (NULLIF(current_setting('wangge.region_hi'::text, true), ''::text))::bigint AS "nullif"))) THEN ((COALESCE(( SELECT (NULLIF(current_setting('wangge.organ_id'::text, true), ''::text))::integer AS "nullif"), 0) = 0) AND (( SELECT (NULLIF(current_setting('wangge.reporter_id'::text, true), ''::text))::uuid AS "nullif") IS NULL) AND (COALESCE(( SELECT (NULLIF(current_setting('wangge.source_id'::text, true), ''::text))::integer AS "nullif"), 0) = 0))
    ELSE false
END);

CREATE POLICY frozen_report_write ON public.frozen_report TO wangge_write USING (true) WITH CHECK (true);

ALTER TABLE public.notice ENABLE ROW LEVEL SECURITY;

CREATE POLICY notice_read ON public.notice FOR SELECT TO wangge_read USING (
CASE
    WHEN (( SELECT (NULLIF(current_setting('wangge.region_hi'::text, true), ''::text))::bigint AS "nullif") = '9223372036854775807'::bigint) THEN true
    ELSE (EXISTS ( SELECT
       FROM public.case_file c
      WHERE (c.id = notice.case_id)))
END);

CREATE POLICY notice_write ON public.notice TO wangge_write USING (true) WITH CHECK (true);

ALTER TABLE public.people_change ENABLE ROW LEVEL SECURITY;

CREATE POLICY people_change_read ON public.people_change FOR SELECT TO wangge_read USING (
CASE
    WHEN (( SELECT (NULLIF(current_setting('wangge.region_hi'::text, true), ''::text))::bigint AS "nullif") = '9223372036854775807'::bigint) THEN true
    ELSE (EXISTS ( SELECT
       FROM public.case_file c
      WHERE (c.id = people_change.case_id)))
END);

CREATE POLICY people_change_write ON public.people_change TO wangge_write USING (true) WITH CHECK (true);

ALTER TABLE public.timer_refusal ENABLE ROW LEVEL SECURITY;

CREATE POLICY timer_refusal_read ON public.timer_refusal FOR SELECT TO wangge_read USING (
CASE
    WHEN (( SELECT (NULLIF(current_setting('wangge.region_hi'::text, true), ''::text))::bigint AS "nullif") = '9223372036854775807'::bigint) THEN true
    ELSE (EXISTS ( SELECT
       FROM public.case_file c
      WHERE (c.id = timer_refusal.case_id)))
END);

CREATE POLICY timer_refusal_write ON public.timer_refusal TO wangge_write USING (true) WITH CHECK (true);

GRANT USAGE ON SCHEMA public TO wangge_read;
GRANT USAGE ON SCHEMA public TO wangge_write;

GRANT SELECT ON TABLE public.case_file TO wangge_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.case_file TO wangge_write;

GRANT SELECT ON TABLE public.case_event TO wangge_read;
GRANT SELECT,INSERT ON TABLE public.case_event TO wangge_write;

GRANT SELECT ON TABLE public.account TO wangge_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.account TO wangge_write;

GRANT SELECT ON TABLE public.account_credential TO wangge_read;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account_credential TO wangge_write;

GRANT SELECT ON TABLE public.attachment TO wangge_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.attachment TO wangge_write;

GRANT SELECT ON TABLE public.attachment_chunk TO wangge_read;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.attachment_chunk TO wangge_write;

GRANT SELECT ON TABLE public.audit_row TO wangge_read;
GRANT SELECT,INSERT ON TABLE public.audit_row TO wangge_write;

GRANT SELECT ON TABLE public.bulk_item TO wangge_read;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.bulk_item TO wangge_write;

GRANT SELECT ON TABLE public.bulk_run TO wangge_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.bulk_run TO wangge_write;

GRANT SELECT ON TABLE public.calendar TO wangge_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.calendar TO wangge_write;

GRANT SELECT ON TABLE public.calendar_day TO wangge_read;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.calendar_day TO wangge_write;

GRANT SELECT ON TABLE public.calendar_season TO wangge_read;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.calendar_season TO wangge_write;

GRANT SELECT ON TABLE public.case_link TO wangge_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.case_link TO wangge_write;

GRANT SELECT,INSERT,UPDATE ON TABLE public.case_number TO wangge_write;

GRANT SELECT ON TABLE public.case_person TO wangge_read;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.case_person TO wangge_write;

GRANT SELECT ON TABLE public.category TO wangge_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.category TO wangge_write;

GRANT SELECT ON TABLE public.cell_category_month TO wangge_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.cell_category_month TO wangge_write;

GRANT SELECT ON TABLE public.cell_day TO wangge_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.cell_day TO wangge_write;

GRANT SELECT ON TABLE public.cell_month TO wangge_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.cell_month TO wangge_write;

GRANT SELECT ON TABLE public.cell_more_category_month TO wangge_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.cell_more_category_month TO wangge_write;

GRANT SELECT ON TABLE public.cell_more_month TO wangge_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.cell_more_month TO wangge_write;

GRANT SELECT ON TABLE public.cell_more_organ_month TO wangge_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.cell_more_organ_month TO wangge_write;

GRANT SELECT ON TABLE public.cell_organ_month TO wangge_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.cell_organ_month TO wangge_write;

GRANT SELECT ON TABLE public.cell_position TO wangge_read;
GRANT SELECT,UPDATE ON TABLE public.cell_position TO wangge_write;

GRANT SELECT ON TABLE public.dispatch_rule TO wangge_read;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.dispatch_rule TO wangge_write;

GRANT SELECT ON TABLE public.frozen_report TO wangge_read;
GRANT SELECT,INSERT ON TABLE public.frozen_report TO wangge_write;

GRANT SELECT ON TABLE public.frozen_report_part TO wangge_read;
GRANT SELECT,INSERT ON TABLE public.frozen_report_part TO wangge_write;

GRANT SELECT ON TABLE public.limit_rule TO wangge_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.limit_rule TO wangge_write;

GRANT SELECT ON TABLE public.notice TO wangge_read;
GRANT SELECT,INSERT,DELETE ON TABLE public.notice TO wangge_write;

GRANT SELECT ON TABLE public.notice_exception TO wangge_read;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notice_exception TO wangge_write;

GRANT SELECT ON TABLE public.notice_mark TO wangge_read;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notice_mark TO wangge_write;

GRANT SELECT ON TABLE public.notice_position TO wangge_read;
GRANT SELECT,UPDATE ON TABLE public.notice_position TO wangge_write;

GRANT SELECT ON TABLE public.organ TO wangge_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.organ TO wangge_write;

GRANT SELECT ON TABLE public.password_history TO wangge_read;
GRANT SELECT,INSERT,DELETE ON TABLE public.password_history TO wangge_write;

GRANT SELECT ON TABLE public.password_policy TO wangge_read;
GRANT SELECT,UPDATE ON TABLE public.password_policy TO wangge_write;

GRANT SELECT,INSERT ON TABLE public.people_change TO wangge_write;

GRANT SELECT ON TABLE public.region TO wangge_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.region TO wangge_write;

GRANT SELECT ON TABLE public.saved_report TO wangge_read;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.saved_report TO wangge_write;

GRANT SELECT ON TABLE public.scheduled_run TO wangge_read;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.scheduled_run TO wangge_write;

GRANT SELECT ON TABLE public.schema_migration TO wangge_read;
GRANT SELECT ON TABLE public.schema_migration TO wangge_write;
GRANT SELECT ON TABLE public.schema_migration TO PUBLIC;

GRANT SELECT ON TABLE public.schema_script TO wangge_read;
GRANT SELECT ON TABLE public.schema_script TO wangge_write;
GRANT SELECT ON TABLE public.schema_script TO PUBLIC;

GRANT SELECT ON TABLE public.search_position TO wangge_read;
GRANT SELECT,UPDATE ON TABLE public.search_position TO wangge_write;

GRANT SELECT ON TABLE public.search_posting TO wangge_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.search_posting TO wangge_write;

GRANT SELECT ON TABLE public.search_segment TO wangge_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.search_segment TO wangge_write;

GRANT SELECT ON TABLE public.search_slot TO wangge_read;
GRANT SELECT,INSERT ON TABLE public.search_slot TO wangge_write;

GRANT SELECT ON TABLE public.session TO wangge_read;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.session TO wangge_write;

GRANT SELECT ON TABLE public.setting TO wangge_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.setting TO wangge_write;

GRANT SELECT ON TABLE public.source TO wangge_read;
GRANT SELECT,INSERT ON TABLE public.source TO wangge_write;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.timer_lease TO wangge_write;

GRANT SELECT ON TABLE public.timer_refusal TO wangge_read;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.timer_refusal TO wangge_write;

GRANT SELECT ON TABLE public.transition TO wangge_read;
GRANT SELECT ON TABLE public.transition TO wangge_write;

