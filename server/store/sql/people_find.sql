-- Cases with a person whose blind hash is one of those given, newest first, under the caller's scope: $1 names, $2 phones, $3 ID numbers
-- (arrays), $4 $5 grid interval, $6 organ that leads or helps (null: any), $7 reporter (null: any), $8 source (null: any), $9 the caller's account, $10 limit.
-- Who told of a confidential case is found by the reporter's own account only. Indexes: case_person_*_idx, case_file_pkey.
select distinct p.case_id
from case_person p
join case_file c on c.id = p.case_id
where (
        p.name_blind = any ($1::bigint[])
        or p.phone_blind = any ($2::bigint[])
        or p.id_blind = any ($3::bigint[])
    )
    and p.grid_code between $4::bigint and $5::bigint
    and ($6::integer is null or c.organ_id = $6::integer or $6::integer = any (c.co_organ_ids))
    and ($7::uuid is null or c.reporter_id = $7::uuid)
    and ($8::integer is null or c.source_id = $8::integer)
    and (not p.hidden or c.reporter_id = $9::uuid)
order by p.case_id desc
limit $10::integer
