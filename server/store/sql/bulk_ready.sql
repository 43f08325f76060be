-- The set is complete. $1 run, $2 how many. Items of an earlier try that reached further are not its own.
with complete as (
    update bulk_run set ready = true, total = $2::integer
    where id = $1::uuid and not ready
    returning id
)
delete from bulk_item i using complete c where i.bulk_id = c.id and i.position > $2::integer
