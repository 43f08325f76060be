-- Earlier versions had fewer filters; two functions of one name would be ambiguous.
drop function if exists case_list_condition(
    smallint[], smallint[], integer, timestamptz, timestamptz, timestamptz, text, uuid, integer
);
drop function if exists case_list(
    smallint[], bigint, bigint, smallint[], integer, timestamptz, timestamptz, timestamptz, text, uuid, integer, integer, date, timestamptz,
    uuid, integer
);
drop function if exists case_count(
    smallint[], bigint, bigint, smallint[], integer, timestamptz, timestamptz, timestamptz, text, uuid, integer, integer
);
drop function if exists case_list_condition(
    smallint[], smallint[], integer, timestamptz, timestamptz, timestamptz, text, uuid, integer, integer, integer
);
drop function if exists case_list(
    smallint[], bigint, bigint, smallint[], integer, timestamptz, timestamptz, timestamptz, text, uuid, integer, integer, integer, integer,
    date, timestamptz, uuid, integer
);
drop function if exists case_count(
    smallint[], bigint, bigint, smallint[], integer, timestamptz, timestamptz, timestamptz, text, uuid, integer, integer, integer, integer
);

-- A case number as people read it; server/domain/number.h says the same.
create or replace function case_number_text(number bigint) returns text
language sql
immutable
parallel safe
as $$
    select lpad((number / 1000000)::text, 12, '0')
        || case when number % 1000000 < 10000 then lpad((number % 1000000)::text, 4, '0') else (number % 1000000)::text end
$$;
comment on function case_number_text is 'A case number as people read it.';

-- What of a text the reader may find it by, by the setting wangge.numbers (server/db/db.h, struct db_scope; without it the strictest):
-- where numbers of people are masked, runs of eleven digits and more are left out, with blanks or hyphens between them too. That is all that
-- server/domain/person_text.c masks, and a little more. flags: 512 is confidential (enum case_flag).
create or replace function case_text_findable(t text, flags integer) returns text
language sql
stable
parallel safe
as $$
    select case
        when coalesce(nullif(current_setting('wangge.numbers', true), ''), '0')::integer + (flags & 512 = 0)::integer >= 2 then t
        else regexp_replace(t, '[0-9０-９]([ 　－-]?[0-9０-９]){10,}[XxＸｘ]?', '*', 'g')
    end
$$;
comment on function case_text_findable is 'A text without the numbers that its reader is shown masked.';

-- The condition of a case list, written so that only the filters in use appear in it: each then finds its index. Values are bound,
-- never written into the text.
create or replace function case_list_condition(
    states smallint[], category_ids smallint[], organ integer, reported_from timestamptz, reported_to timestamptz,
    due_before timestamptz, words text, reporter uuid, seen_by integer, cards integer, pending integer, source integer, worker uuid
) returns text
language sql
immutable
as $$
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
$$;
comment on function case_list_condition is 'The where clause of case_list and case_count.';

-- What follows the condition of case_list: keyset, order, limit.
create or replace function case_list_page(sort integer, after_id uuid) returns text
language sql
immutable
as $$
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
$$;
comment on function case_list_page is 'Keyset, order and limit of case_list.';

-- A page of cases: newest reported first (sort 1) or earliest due first, those without last (sort 2).
create or replace function case_list(
    states smallint[], region_lo bigint, region_hi bigint, category_ids smallint[], organ integer, reported_from timestamptz,
    reported_to timestamptz, due_before timestamptz, words text, reporter uuid, seen_by integer, cards integer, pending integer,
    source integer, worker uuid, sort integer,
    after_day date, after_due timestamptz, after_id uuid, page_size integer
) returns setof case_file
language plpgsql
stable
as $$
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
comment on function case_list is 'A page of cases by filter.';

-- The candidates of case_list_found and case_count_found, each once, newest first: cases by id ($20) of the days $21 to $22, and
-- those at places of the search index (segment $23, slot $24, day $25 since 1970-01-01). Each is read by its key and filtered
-- afterwards.
create or replace function case_found_candidates() returns text
language sql
immutable
as $$
    select '(select x.day, x.id from ('
        || 'select o.cohort_day as day, o.id from unnest($20) i (id)'
        || ' cross join lateral (select f.cohort_day, f.id from case_file f where f.id = i.id offset 0) o'
        || ' where o.cohort_day between coalesce($21, ''-infinity'') and coalesce($22, ''infinity'')'
        || ' union select date ''1970-01-01'' + u.day, s.case_id from unnest($23, $24, $25) u (segment, slot, day)'
        || ' cross join lateral (select y.case_id from search_slot y where y.segment = u.segment and y.slot = u.slot offset 0) s'
        || ') x order by x.day desc, x.id desc) p'
        || ' cross join lateral (select f.* from case_file f where f.id = p.id offset 0) c'
$$;
comment on function case_found_candidates is 'The from clause of case_list_found and case_count_found.';

-- As case_list, among candidates.
create or replace function case_list_found(
    states smallint[], region_lo bigint, region_hi bigint, category_ids smallint[], organ integer, reported_from timestamptz,
    reported_to timestamptz, due_before timestamptz, words text, reporter uuid, seen_by integer, cards integer, pending integer,
    source integer, worker uuid, sort integer,
    after_day date, after_due timestamptz, after_id uuid, page_size integer,
    ids uuid[], oldest_day date, newest_day date, segments integer[], slots smallint[], days integer[]
) returns setof case_file
language plpgsql
stable
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
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
comment on function case_list_found is 'A page of cases by filter, among candidates of the search index.';

create or replace function case_count(
    states smallint[], region_lo bigint, region_hi bigint, category_ids smallint[], organ integer, reported_from timestamptz,
    reported_to timestamptz, due_before timestamptz, words text, reporter uuid, seen_by integer, cards integer, pending integer,
    source integer, worker uuid, up_to integer
) returns integer
language plpgsql
stable
as $$
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
$$;
comment on function case_count is 'How many cases a filter finds, counted up to a limit.';

-- As case_count, among candidates.
create or replace function case_count_found(
    states smallint[], region_lo bigint, region_hi bigint, category_ids smallint[], organ integer, reported_from timestamptz,
    reported_to timestamptz, due_before timestamptz, words text, reporter uuid, seen_by integer, cards integer, pending integer,
    source integer, worker uuid, up_to integer,
    ids uuid[], oldest_day date, newest_day date, segments integer[], slots smallint[], days integer[]
) returns integer
language plpgsql
stable
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
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
$$;
comment on function case_count_found is 'How many cases a filter finds among candidates of the search index, counted up to a limit.';
