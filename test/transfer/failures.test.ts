import { expect } from "chai";
import { failureOf, transferError, transferFailureCodes } from "../../src/transfer/failures.ts";

describe("transfer failures", () => {
  it("never hold a file for what is wrong with the target", () => {
    for (const code of transferFailureCodes) {
      const { concerns, permanent } = failureOf(transferError(code, "x"));
      if (concerns === "target") expect(permanent, code).to.equal(false);
    }
  });

  it("all tell the operator what to do", () => {
    for (const code of transferFailureCodes)
      expect(transferError(code, "x").hint, code).to.match(/^[A-Z].{15,}\.$/);
  });

  it("try a refused login slowly, so that the account is not locked", () => {
    expect(failureOf(transferError("login-refused", "x"))).to.include({ slow: true, concerns: "target" });
  });

  it("take what nobody foresaw for a fault of our own, and try again", () => {
    const failure = failureOf(new TypeError("x is not a function"));
    expect(failure).to.include({ permanent: false, concerns: "file" });
    expect(failure.error).to.include({ code: "unexpected", message: "x is not a function" });
  });
});
