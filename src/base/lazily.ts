// What is opened or loaded only when somebody asks for it.

/** Runs `open` at the first call and keeps what it returned; a throw is not kept. */
export function lazily<T extends object>(open: () => T): () => T {
  let opened: T | undefined;
  return () => {
    opened ??= open();
    return opened;
  };
}
