// Names inside the state folder.

export const auditFile = "audit.db";
/** Openings of requests that have no end yet. */
export const intentsFile = "intents";
/** The newest signed checkpoint, beside the database. */
export const checkpointFile = "checkpoint";
/** Takes up room that a full disk gives back. */
export const reserveFile = "reserve";
