-- A step as event_row_read (case_row.h) takes it; e is case_event.
e.case_id, e.version, e.request_id, e.happened_at, e.arrived_at, e.action, e.from_state, e.to_state, e.check_result, e.actor_role,
e.imported, e.actor_id, e.actor_organ_id, e.actor_name, e.text, e.reason_code, e.receiver, e.approval, e.card, e.level,
e.until, e.target_case_id, e.outside_number, array_to_string(e.co_organ_ids, ',') as named_co_organs,
coalesce(e.more_flow, 0) as more_flow
