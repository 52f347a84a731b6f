-- Which version of the actor's definition made the stored state; 0 is none, so it is not believed.
ALTER TABLE actors ADD COLUMN state_version INTEGER NOT NULL DEFAULT 0;
