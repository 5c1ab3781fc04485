-- Reports ask for the runs of an hour. Ids are time-ordered and rows arrive in their order, so a block range index
-- answers that in a few pages; a b-tree on the id alone would cost every insert as much as the primary key does.
CREATE INDEX runs_id_brin ON runs USING brin (id) WITH (pages_per_range = 32, autosummarize = on);
