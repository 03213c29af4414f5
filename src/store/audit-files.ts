// Names inside the state folder.

export const auditFile = "audit.db";
/** What is promised and not in the database yet. */
export const journalFile = "journal";
/** The newest signed checkpoint, beside the database. */
export const checkpointFile = "checkpoint";
/** Takes up room that a full disk gives back. */
export const reserveFile = "reserve";
