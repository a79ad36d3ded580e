-- Proof that a repeated report comes from who sent the first: only then its tracking code is told again.
ALTER TABLE cases ADD COLUMN repeat_blind TEXT NOT NULL DEFAULT '';
