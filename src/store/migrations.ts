// The tables, as numbered steps. A step that shipped is never changed: a correction is a new step.

/** The audit log's own database: it can be moved aside without losing who owns what. */
export const auditMigrations: readonly string[] = [
  `CREATE TABLE entry (
     position INTEGER PRIMARY KEY, -- 0-based, the leaf's index in the tree
     body TEXT NOT NULL            -- canonical JSON: the bytes that were hashed
   );
   CREATE TABLE entry_id (         -- of whole tiles; the newest entries are looked through
     id TEXT PRIMARY KEY,          -- ULID of the request
     position INTEGER NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE tile (
     level INTEGER NOT NULL,       -- 0 leaves, 1 roots of 256 leaves, 2 of 65,536
     number INTEGER NOT NULL,
     hashes BLOB NOT NULL,         -- 32 bytes each; leaves only as whole tiles of 256
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

/** Of the watch: alerts are many and of short interest, so they have a file of their own. */
export const watchMigrations: readonly string[] = [
  `CREATE TABLE alert (
     number INTEGER PRIMARY KEY,   -- the order in which they came
     id TEXT NOT NULL UNIQUE,      -- ULID
     incident TEXT NOT NULL,
     body TEXT NOT NULL            -- JSON of the alert
   );
   CREATE INDEX alert_incident ON alert (incident);
   CREATE TABLE gap (              -- times in which nobody watched
     number INTEGER PRIMARY KEY,
     body TEXT NOT NULL
   );
   CREATE TABLE protection (       -- what containers may do that the gate let be made
     container TEXT PRIMARY KEY,
     number INTEGER NOT NULL,
     body TEXT NOT NULL
   )`,
];
