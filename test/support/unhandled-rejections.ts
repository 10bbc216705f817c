// What would have ended the module's process: mocha itself lets unhandled rejections pass.

export async function unhandledRejectionsDuring(act: () => Promise<void>): Promise<readonly unknown[]> {
  const unhandled: unknown[] = [];
  const note = (error: unknown): unknown => unhandled.push(error);
  process.on("unhandledRejection", note);
  try {
    await act();
    // They are reported when the microtasks are done.
    await new Promise(setImmediate);
  } finally {
    process.off("unhandledRejection", note);
  }
  return unhandled;
}
