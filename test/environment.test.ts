import { expect } from "chai";
import { SettingsError } from "../src/core/errors.ts";
import { readEnvironment } from "../src/environment.ts";

describe("environment", () => {
  it("has defaults that keep the pages on this machine", () => {
    const { http, logLevel } = readEnvironment({});
    expect([http, logLevel]).to.deep.equal([{ host: "127.0.0.1", port: 8090 }, "info"]);
  });

  it("takes IPv6 addresses in brackets", () => {
    expect(readEnvironment({ MITSCHNITT_HTTP: "[::1]:80" }).http).to.deep.equal({ host: "::1", port: 80 });
  });

  it("makes the data folder absolute", () => {
    expect(readEnvironment({ MITSCHNITT_DATA: "here" }).dataFolder).to.equal(`${process.cwd()}/here`);
  });

  it("names every bad variable at once", () => {
    const read = () => readEnvironment({ MITSCHNITT_HTTP: "8090", MITSCHNITT_LOG_LEVEL: "loud" });
    expect(read).to.throw(
      SettingsError,
      /MITSCHNITT_HTTP: expected HOST:PORT.*got "8090".*MITSCHNITT_LOG_LEVEL.*"loud"/,
    );
  });
});
