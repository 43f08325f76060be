-- A page of cases by filter; the function writes the condition so that each filter finds its index.
-- $1 states or null, $2 $3 region interval, $4 category ids or null, $5 organ id or null, $6 $7 reported [from, to) or null,
-- $8 due before or null, $9 text or null, $10 reporter or null, $11 organ that leads or helps
-- or null, $12 cards as bits or null, $13 pending requests as bits of approvals or null, $14 source or null, $15 account
-- whose work list it is (nothing assigned to its colleagues) or null, $16 order (1 newest first, 2 by due), $17 $18 $19 keyset (cohort day,
-- due, id) or null, $20 limit.
select :case_columns
from case_list($1::smallint[], $2::bigint, $3::bigint, $4::smallint[], $5::integer, $6::timestamptz, $7::timestamptz, $8::timestamptz,
    $9::text, $10::uuid, $11::integer, $12::integer, $13::integer, $14::integer, $15::uuid, $16::integer, $17::date, $18::timestamptz, $19::uuid,
    $20::integer) c
