// What operators should know and no request can carry. Early notices wait for the first listener.

export type Notices = {
  tell(text: string): void;
  /** @returns a function that stops it */
  subscribe(listener: (text: string) => void): () => void;
};

const maxWaiting = 100;

export function createNotices(): Notices {
  const listeners = new Set<(text: string) => void>();
  const waiting: string[] = [];
  return {
    tell(text) {
      if (listeners.size === 0 && waiting.length < maxWaiting) waiting.push(text);
      for (const listener of listeners) listener(text);
    },
    subscribe(listener) {
      listeners.add(listener);
      for (const text of waiting.splice(0)) listener(text);
      return () => listeners.delete(listener);
    },
  };
}
