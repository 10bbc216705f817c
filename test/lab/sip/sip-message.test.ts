import { expect } from "chai";
import { branchOf, formatSip, parseSip, quoted, tagOf, uriOf } from "../../../lab/sip/sip-message.ts";

const INVITE = Buffer.from(
  [
    "INVITE sip:10@127.0.0.1 SIP/2.0",
    "v: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bKa",
    'f: "Tom \\"T\\""',
    "  <sip:tom@127.0.0.1>;tag=7f",
    "Via: SIP/2.0/UDP 127.0.0.2:5060;branch=z9hG4bKb",
    "CSeq: 3 INVITE",
    "",
    "v=0",
  ].join("\r\n"),
  "latin1",
);

describe("sip-message", () => {
  it("reads short names, folded lines and repeated headers", () => {
    const message = parseSip(INVITE);
    expect(message).to.include({ status: 0, method: "INVITE", body: "v=0" });
    expect(message.all("via")).to.have.length(2);
    expect(message.first("from")).to.equal('"Tom \\"T\\"" <sip:tom@127.0.0.1>;tag=7f');
    expect([tagOf(message.first("from")), uriOf(message.first("from")), branchOf(message)]).to.deep.equal([
      "7f",
      "sip:tom@127.0.0.1",
      "z9hG4bKa",
    ]);
  });

  it("knows a response by its status", () => {
    expect(parseSip(Buffer.from("SIP/2.0 486 Busy Here\r\nCSeq: 3 INVITE\r\n\r\n"))).to.include({
      status: 486,
      method: "INVITE",
    });
  });

  it("survives what is no SIP", () => {
    for (const text of ["", "\r\n\r\n", "jaK\r\n\r\n", "x"])
      expect(parseSip(Buffer.from(text))).to.include({ status: 0, method: "" });
  });

  it("brings hostile bytes to the wire as they are", () => {
    const name = Buffer.from([0x22, 0x5c, 0xff, 0x0d, 0x0a, 0x20, 0x01]);
    const bytes = formatSip("INVITE sip:10@127.0.0.1 SIP/2.0", [["From", quoted(name)]], "äöü".normalize());
    expect(
      bytes.includes(Buffer.from([0x22, 0x5c, 0x22, 0x5c, 0x5c, 0xff, 0x0d, 0x0a, 0x20, 0x01, 0x22])),
    ).to.equal(true);
    expect(bytes.toString("latin1")).to.match(/Content-Length: 3\r\n\r\näöü$/);
  });
});
