-- Whether an event changes what the search index holds of its case: its birth, another category or organ, helpers named or dropped
-- (dispatch, return, whistle, transfer), and every step between open and not open.
create or replace function search_matters(e case_event) returns boolean
language sql
immutable
parallel safe
as $$
    select e.version = 1 or e.category_id <> e.prev_category_id or e.organ_id is distinct from e.prev_organ_id
        or e.action in (9, 10, 12, 13) or (e.from_state <= 9) <> (e.to_state <= 9)
$$;
comment on function search_matters is 'Whether an event changes what the search index holds of its case.';

-- Writes one batch into the search index and moves its position, all or nothing. False if another worker did so meanwhile: then
-- what the caller computed is void.
create or replace function search_fold(
    was_xid xid8, was_seq bigint, now_xid xid8, now_seq bigint,
    slot_cases uuid[], slot_segments integer[], slot_slots smallint[],
    segments integer[], segment_slots smallint[], segment_days bytea[],
    posting_terms integer[], posting_segments integer[], posting_hits bytea[]
) returns boolean
language plpgsql
as $$
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
comment on function search_fold is 'Writes one batch into the search index.';

-- Empties the index, so that it is built anew from the beginning of the feed.
create or replace function search_reset() returns void
language plpgsql
security definer -- to empty a table takes more than the roles of the server have
set search_path = public, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(7463285);
    truncate search_slot, search_segment, search_posting;
    update search_position set feed_xid = '0', seq = 0, generation = generation + 1;
end
$$;
comment on function search_reset is 'Empties the search index.';

-- Earlier versions did not know sources, or days; two functions of one name would be ambiguous.
drop function if exists search_tail(bigint, bigint, smallint[], integer, uuid, date, uuid, integer);
drop function if exists search_fetch(integer[], smallint[], bigint, bigint, smallint[], integer, uuid, date, uuid, integer);
drop function if exists search_fetch(
    integer[], smallint[], bigint, bigint, smallint[], integer, uuid, integer, date, uuid, integer
);

-- Cases that the index does not hold as they are now, whoever asks: ids only, to be read under row security. One row without a case
-- if there are none. events: how many are behind its position; above max_events the list is cut.
create or replace function search_behind(max_events integer) returns table (generation bigint, events integer, case_id uuid)
language plpgsql
stable
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
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
comment on function search_behind is 'Cases that the search index does not hold as they are now, by id.';

-- The newest cases, at most max_rows, that the index does not hold as they are now: those with events behind its position that
-- matter to it, within the scope and behind the keyset. Among the newest 8,192 events: a longer tail is there only while an index
-- is being built. Each case is looked up by its key and filtered afterwards, and the plan is made once: the tail is short, which
-- the planner cannot know, and in a table that was filled a moment ago it knows nothing at all.
create or replace function search_tail(
    region_lo bigint, region_hi bigint, states smallint[], organ integer, reporter uuid, source integer, after_day date, after_id uuid,
    max_rows integer
) returns setof case_file
language plpgsql
stable
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
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
comment on function search_tail is 'Cases that the search index does not hold as they are now.';

-- The cases at places of the index, within the scope and behind the keyset, newest first. From the places to the cases, each by its
-- key, and filtered afterwards: with the scope among the conditions of the scan, the planner takes a small table, or one it has no
-- statistics of, by region and reads all of it. The ids are sorted before: no more cases are read than the page needs.
create or replace function search_fetch(
    segments integer[], slots smallint[], days integer[], region_lo bigint, region_hi bigint, states smallint[], organ integer,
    reporter uuid, source integer, after_day date, after_id uuid, max_rows integer
) returns setof case_file
language plpgsql
stable
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
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
comment on function search_fetch is 'The cases at places of the search index.';

-- Adds, changes and removes dispatch rules, all or nothing. rules is an array of objects with the columns of dispatch_rule, and
-- removed. Returns how many rows changed.
create or replace function dispatch_rules_set(rules jsonb, who uuid, at timestamptz) returns integer
language plpgsql
as $$
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
comment on function dispatch_rules_set is 'Adds, changes and removes dispatch rules.';
