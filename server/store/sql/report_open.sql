-- Open cases as they are now that a duty officer looks at, by one reason, a page in a fixed order.
-- $1 reason: 1 beyond the handling limit at $8, longest first; 2 due between $8 and $9; 3 urged and not answered, or carrying a card;
-- 4 somebody waits for a decision. $2 $3 region interval, $4 category ids or null, $5 organ id or null, $6 $7 keyset (instant, id) or
-- null, $8 now, $9 end of the day, $10 limit.
-- Index: case_file_figure_due_idx, case_file_card_idx, case_file_approvals_idx.
select
    c.id, c.number, c.category_id, c.organ_id, c.state, c.card, c.figure_due_at, c.reported_at, c.address, c.grid_code,
    coalesce(c.figure_due_at, c.reported_at) as position
from case_file c
where c.grid_code between $2::bigint and $3::bigint
    and c.state <= 9
    and c.flags & 1 = 1
    and case $1::integer
        when 1 then c.feedback_at is null and c.figure_due_at < $8::timestamptz
        when 2 then c.feedback_at is null and c.figure_due_at >= $8::timestamptz and c.figure_due_at < $9::timestamptz
        when 3 then c.card > 0
        else c.approvals <> 0
    end
    and ($4::smallint[] is null or c.category_id = any ($4::smallint[]))
    and ($5::integer is null or c.organ_id = $5::integer)
    and ($6::timestamptz is null or (coalesce(c.figure_due_at, c.reported_at), c.id) > ($6::timestamptz, $7::uuid))
order by coalesce(c.figure_due_at, c.reported_at), c.id
limit $10::integer
