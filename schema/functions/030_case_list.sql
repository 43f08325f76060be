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
            else ' and (strpos(c.description, $9) > 0 or strpos(c.address, $9) > 0 or strpos(c.number::text, $9) > 0)'
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
        || case
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
    using states, region_lo, region_hi, category_ids, organ, reported_from, reported_to, due_before, words, reporter, seen_by,
        cards, pending, source, worker, after_day, after_due, after_id, page_size;
end
$$;
comment on function case_list is 'A page of cases by filter.';

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
