// The engine's own form of an error, which every client prints to its user: {"message": "..."}.

/** @param message one or two sentences for a person */
export function messageBody(message: string): Buffer {
  return Buffer.from(`${JSON.stringify({ message: message.toWellFormed() })}\n`);
}
