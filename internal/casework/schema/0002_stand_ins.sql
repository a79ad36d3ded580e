-- Open hand-overs that somebody answers for in the place of the post. Few; asked for whenever posts change hands.
CREATE INDEX task_stand_in ON task (post, holder) WHERE closed_at = 0 AND post <> holder;
