// The tables, as numbered steps. A step that shipped is never changed: a correction is a new step.

/** The audit log's own database: it can be moved aside without losing who owns what. */
export const auditMigrations: readonly string[] = [
  `CREATE TABLE entry (
     position INTEGER PRIMARY KEY, -- 0-based, the leaf's index in the tree
     id TEXT NOT NULL UNIQUE,      -- ULID of the request
     body TEXT NOT NULL            -- canonical JSON: the bytes that were hashed
   );
   CREATE TABLE pending (
     number INTEGER PRIMARY KEY,
     opening TEXT NOT NULL         -- a request whose end is not known yet
   );
   CREATE TABLE hash (
     level INTEGER NOT NULL,       -- in tiles: 0 leaves, 1 roots of 256 leaves, 2 of 65,536
     number INTEGER NOT NULL,
     hash BLOB NOT NULL,
     PRIMARY KEY (level, number)
   ) WITHOUT ROWID;
   CREATE TABLE checkpoint (
     size INTEGER PRIMARY KEY,
     note TEXT NOT NULL            -- signed note, C2SP tlog-checkpoint
   );
   CREATE TABLE setting (
     name TEXT PRIMARY KEY,
     value TEXT NOT NULL
   ) WITHOUT ROWID`,
];

export const stateMigrations: readonly string[] = [
  `CREATE TABLE owner (
     number INTEGER PRIMARY KEY,   -- the order in which owners came
     kind TEXT NOT NULL,
     id TEXT NOT NULL,
     owner TEXT NOT NULL,
     UNIQUE (kind, id, owner)
   )`,
];
