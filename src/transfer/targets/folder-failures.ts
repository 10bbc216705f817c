// What an error of the file system says of a target folder, which may well be a mounted share.

import { TransferError } from "../../core/errors.ts";
import { messageOf, systemCode, type TransferFailureCode, transferError } from "../failures.ts";

const codes: Readonly<Record<string, TransferFailureCode>> = {
  ENOSPC: "target-full",
  EDQUOT: "target-full",
  EFBIG: "target-full",
  EACCES: "target-forbidden",
  EPERM: "target-forbidden",
  EROFS: "target-read-only",
  ENOENT: "target-missing",
  ENOTDIR: "target-missing",
  // FUSE and NFS say these of a share whose server is gone.
  ENOTCONN: "target-missing",
  ESTALE: "target-missing",
  ENODEV: "target-missing",
  EHOSTDOWN: "host-unreachable",
  EHOSTUNREACH: "host-unreachable",
  ETIMEDOUT: "host-unreachable",
  EIO: "target-broken",
  ENXIO: "target-broken",
  ENAMETOOLONG: "name-refused",
  // FAT and some shares refuse characters this way.
  EINVAL: "name-refused",
  EILSEQ: "name-refused",
  EBUSY: "file-busy",
  ETXTBSY: "file-busy",
};

export function folderFailure(error: unknown): TransferError {
  if (error instanceof TransferError) return error;
  return transferError(codes[systemCode(error) ?? ""] ?? "unexpected", messageOf(error), error);
}
