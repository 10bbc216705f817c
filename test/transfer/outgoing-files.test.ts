import { expect } from "chai";
import { createOutgoingFiles } from "../../src/transfer/outgoing-files.ts";
import { type DeliveryJournal, openDeliveryJournal } from "../support/delivery-journal.ts";
import { failureOfSending, sha256 } from "../support/outgoing.ts";

describe("outgoing files", () => {
  let journal: DeliveryJournal;
  beforeEach(async () => {
    journal = await openDeliveryJournal();
  });
  afterEach(() => journal.remove());

  const files = () => createOutgoingFiles({ db: journal.db, pathOf: (name) => `/spool/${name}` });

  it("are what the journal knows of the recording", async () => {
    const content = Buffer.from("a conversation");
    const recordingId = await journal.addRecording({ targetIds: [], name: "a.wav", content });
    expect(await files()(recordingId)).to.deep.equal({
      recordingId,
      localPath: "/spool/a.wav",
      name: "a.wav",
      sizeBytes: content.length,
      sha256: sha256(content),
    });
  });

  it("are none for a recording that is not finished", async () => {
    expect((await failureOfSending(files()("no-such-recording"))).code).to.equal("unexpected");
  });
});
