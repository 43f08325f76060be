-- One commit for many: writes the new state of up to a unit's worth of cases together with their events. The event is the idempotency
-- record (request_id, request_hash) and carries the deltas of the report cells.
--
-- Parameters 1 to 47 are arrays with one element a case, 48 to 86 arrays with one element an event (member is the case's position, from 0),
-- 87 is the instant the unit was sent: when its events arrived; 88 to 98 are arrays with one element a person of a new case. expected is 0 for a new case, else the version the caller saw.
--
-- One row a case: its position, a SQLSTATE (00000 done, WG409 the key or id is used with another body, WG412 the version is stale or
-- there is no such case, or a merge is no longer possible), whether an earlier answer is repeated, and the version its last event made.
-- Indexes: case_file_pkey, case_event_request_key.
with w as materialized (
    select
        (ordinality - 1)::integer as i,
        u.*
    from unnest(
        $1::uuid[], $2::int[], $3::bigint[], $4::int[], $5::smallint[], $6::smallint[], $7::bigint[], $8::smallint[],
        $9::smallint[], $10::smallint[], $11::smallint[], $12::int[], $13::text[], $14::uuid[], $15::uuid[],
        $16::uuid[], $17::uuid[], $18::uuid[], $19::uuid[], $20::int[], $21::smallint[], $22::smallint[],
        $23::smallint[], $24::date[], $25::timestamptz[], $26::timestamptz[], $27::timestamptz[], $28::timestamptz[],
        $29::timestamptz[], $30::timestamptz[], $31::bytea[], $32::float8[], $33::float8[], $34::text[], $35::text[],
        $36::text[], $37::text[], $38::timestamptz[], $39::timestamptz[], $40::timestamptz[], $41::timestamptz[],
        $42::smallint[], $43::smallint[], $44::int[], $45::uuid[], $46::text[],
        $47::timestamptz[]
    ) with ordinality as u (
        case_id, expected, number, new_version, state, prev_state, grid_code, category_id, urgency, channel, level,
        organ_id, co_organs, reporter_id, handler_id, checker_id, closer_id, void_requested_by, merged_into, flags,
        round, return_count, rework_count, cohort_day, reported_at, arrived_at, last_event_at, due_at, feedback_at,
        closed_at, gate_data, latitude, longitude, reporter_name, handler_name, address, description, overall_due_at,
        next_light_at, co_lapse_at, suspended_until, card, approvals, source_id, assignee_id, assignee_name,
        figure_due_at, ordinality
    )
),
e as materialized (
    select *
    from unnest(
        $48::int[], $49::int[], $50::uuid[], $51::bigint[], $52::timestamptz[], $53::timestamptz[], $54::smallint[],
        $55::smallint[], $56::int[], $57::int[], $58::smallint[], $59::smallint[], $60::smallint[], $61::smallint[],
        $62::int[], $63::int[], $64::int[], $65::smallint[], $66::boolean[], $67::uuid[], $68::int[], $69::text[],
        $70::text[], $71::text[], $72::text[], $73::smallint[], $74::smallint[], $75::smallint[], $76::timestamptz[],
        $77::uuid[], $78::text[], $79::text[], $80::bigint[], $81::bigint[], $82::bigint[], $83::timestamptz[],
        $84::timestamptz[], $85::timestamptz[], $86::timestamptz[]
    ) as u (
        member, version, request_id, request_hash, happened_at, arrived_at, category_id, prev_category_id, organ_id,
        prev_organ_id, action, from_state, to_state, check_result, stock_before, stock_after, flow, actor_role,
        imported, actor_id, actor_organ_id, actor_name, text, reason_code, receiver, approval, card, level, until,
        target_case_id, outside_number, co_organs, more_before, more_after, more_flow, handle_due_before, handle_due_after,
        overall_due_before, overall_due_after
    )
),
known as materialized (
    select
        e.member,
        max(p.version) as version,
        bool_and(p.request_hash = e.request_hash and p.case_id = w.case_id) as same
    from e
    join w on w.i = e.member
    join case_event p on p.request_id = e.request_id
    group by e.member
),
-- A merge (action 30) depends on two cases, so the version of one does not guard it. Two merges of one unit do not see each other:
-- where one's case is the other's, the first goes.
merging as materialized (
    select w.i, w.case_id, w.merged_into
    from e
    join w on w.i = e.member
    where e.action = 30 and w.expected > 0 and not exists (select from known k where k.member = w.i)
),
unmergeable as materialized (
    select m.i
    from merging m
    where exists (
            select from merging o where o.i < m.i and (o.case_id = m.merged_into or o.merged_into = m.case_id)
        )
        or not case_may_merge(m.case_id, m.merged_into)
),
inserted as (
    insert into case_file (
        id, version, co_organ_ids, arrived_at,
        number, state, prev_state, grid_code, category_id, urgency, channel, level, organ_id, reporter_id,
        handler_id, checker_id, closer_id, void_requested_by, merged_into, flags, round, return_count, rework_count,
        cohort_day, reported_at, last_event_at, due_at, feedback_at, closed_at, gate_data, latitude, longitude,
        reporter_name, handler_name, address, description, overall_due_at, next_light_at, co_lapse_at, suspended_until, card, approvals,
        source_id, assignee_id, assignee_name, figure_due_at
    )
    select
        w.case_id, w.new_version, w.co_organs::integer[], coalesce(w.arrived_at, $87::timestamptz),
        w.number, w.state, w.prev_state, w.grid_code, w.category_id, w.urgency, w.channel, w.level, w.organ_id,
        w.reporter_id, w.handler_id, w.checker_id, w.closer_id, w.void_requested_by, w.merged_into, w.flags, w.round,
        w.return_count, w.rework_count, w.cohort_day, w.reported_at, w.last_event_at, w.due_at, w.feedback_at,
        w.closed_at, w.gate_data, w.latitude, w.longitude, w.reporter_name, w.handler_name, w.address, w.description,
        w.overall_due_at, w.next_light_at, w.co_lapse_at, w.suspended_until, w.card, w.approvals, w.source_id, w.assignee_id,
        w.assignee_name, w.figure_due_at
    from w
    where w.expected = 0 and not exists (select from known k where k.member = w.i)
    on conflict (id) do nothing
    returning id
),
updated as (
    update case_file c set
        version = w.new_version,
        co_organ_ids = w.co_organs::integer[],
        state = w.state,
        prev_state = w.prev_state,
        category_id = w.category_id,
        urgency = w.urgency,
        level = w.level,
        organ_id = w.organ_id,
        handler_id = w.handler_id,
        checker_id = w.checker_id,
        closer_id = w.closer_id,
        void_requested_by = w.void_requested_by,
        merged_into = w.merged_into,
        flags = w.flags,
        round = w.round,
        return_count = w.return_count,
        rework_count = w.rework_count,
        last_event_at = w.last_event_at,
        due_at = w.due_at,
        feedback_at = w.feedback_at,
        closed_at = w.closed_at,
        gate_data = w.gate_data,
        handler_name = w.handler_name,
        overall_due_at = w.overall_due_at,
        next_light_at = w.next_light_at,
        co_lapse_at = w.co_lapse_at,
        suspended_until = w.suspended_until,
        card = w.card,
        approvals = w.approvals,
        assignee_id = w.assignee_id,
        assignee_name = w.assignee_name,
        figure_due_at = w.figure_due_at
    from w
    where c.id = w.case_id
        and w.expected > 0
        and c.version = w.expected
        and not exists (select from known k where k.member = w.i)
        and not exists (select from unmergeable u where u.i = w.i)
    returning c.id
),
done as materialized (
    select w.i, w.case_id, w.grid_code, w.cohort_day
    from w
    where w.case_id in (select id from inserted union all select id from updated)
        and not exists (select from known k where k.member = w.i)
),
recorded as (
    insert into case_event (
        case_id, grid_code, cohort_day, arrived_at,
        version, request_id, request_hash, happened_at, category_id, prev_category_id, organ_id, prev_organ_id,
        action, from_state, to_state, check_result, stock_before, stock_after, flow, actor_role, imported, actor_id,
        actor_organ_id, actor_name, text, reason_code, receiver, approval, card, level, until, target_case_id, outside_number,
        co_organ_ids, more_before, more_after, more_flow, handle_due_before, handle_due_after, overall_due_before, overall_due_after
    )
    select
        d.case_id, d.grid_code, d.cohort_day, coalesce(e.arrived_at, $87::timestamptz),
        e.version, e.request_id, e.request_hash, e.happened_at, e.category_id, e.prev_category_id, e.organ_id,
        e.prev_organ_id, e.action, e.from_state, e.to_state, e.check_result, e.stock_before, e.stock_after, e.flow,
        e.actor_role, e.imported, e.actor_id, e.actor_organ_id, e.actor_name, e.text, e.reason_code, e.receiver,
        e.approval, e.card, e.level, e.until, e.target_case_id, e.outside_number, e.co_organs::integer[], e.more_before, e.more_after, e.more_flow,
        e.handle_due_before, e.handle_due_after, e.overall_due_before, e.overall_due_after
    from e
    join done d on d.i = e.member
),
-- A merge (30) opens a dated link, a split (31) ends it; an imported history may bring both at once.
linked as (
    insert into case_link (case_id, merged_version, lead_id, merged_at, merged_by, split_version, split_at, split_by)
    select
        d.case_id, m.version, m.target_case_id, m.happened_at, m.actor_id, s.version, s.happened_at, s.actor_id
    from e m
    join done d on d.i = m.member
    left join lateral (
        select n.version, n.happened_at, n.actor_id
        from e n
        where n.member = m.member and n.action = 31 and n.version > m.version
        order by n.version
        limit 1
    ) s on true
    where m.action = 30
),
unlinked as (
    update case_link l set
        split_version = e.version,
        split_at = e.happened_at,
        split_by = e.actor_id
    from e
    join done d on d.i = e.member
    where e.action = 31 and l.case_id = d.case_id and l.split_version is null
),
-- The people of new cases, sealed (server/service/person_seal.h). Most units have none.
people as (
    insert into case_person (
        case_id, position, grid_code, kind, hidden, name, phone, id_number, address, name_blind, phone_blind, id_blind
    )
    select
        d.case_id, p.position, d.grid_code, p.kind, p.hidden, p.name, p.phone, p.id_number, p.address, p.name_blind, p.phone_blind,
        p.id_blind
    from unnest(
        $88::int[], $89::smallint[], $90::smallint[], $91::boolean[], $92::bytea[], $93::bytea[], $94::bytea[], $95::bytea[],
        $96::bigint[], $97::bigint[], $98::bigint[]
    ) as p (member, position, kind, hidden, name, phone, id_number, address, name_blind, phone_blind, id_blind)
    join done d on d.i = p.member
)
select
    w.i,
    case
        when d.i is not null or k.same then '00000'
        when k.member is not null or w.expected = 0 then 'WG409'
        else 'WG412'
    end as sqlstate,
    k.member is not null as replayed,
    case when d.i is not null then w.new_version else k.version end as version
from w
left join done d on d.i = w.i
left join known k on k.member = w.i
