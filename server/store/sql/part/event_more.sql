-- True of an event that changes a measure from 19 on; word for word the condition of case_event_more_idx. e is case_event.
coalesce(e.more_before, e.more_after, e.more_flow) is not null
