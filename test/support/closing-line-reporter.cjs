// Mocha's spec reporter with a last line that machines read: "N passed, N failed" (", N skipped" where some were).
const { reporters } = require("mocha");

module.exports = class ClosingLineReporter extends reporters.Spec {
  epilogue() {
    super.epilogue();
    const { passes = 0, failures = 0, pending = 0 } = this.stats;
    console.log(`${passes} passed, ${failures} failed${pending > 0 ? `, ${pending} skipped` : ""}`);
  }
};
