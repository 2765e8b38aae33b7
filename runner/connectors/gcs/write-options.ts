// The options that say how a sink's objects are kept in Google Cloud Storage.
import { choice, defaulted, list, optional, string } from "../../../dsl/spec/options.ts";

export const gcsWriteOptions = {
  storage_class: optional(
    choice("STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE"),
    "The class in which objects are kept, as the store names it. Default: the bucket's.",
  ),
  kms_key: optional(
    string(),
    'The key of Cloud KMS that objects are encrypted with: "projects/p/locations/l/keyRings/r/cryptoKeys/k". Default: the bucket\'s.',
  ),
  metadata: defaulted(
    list(string()),
    [],
    'User metadata of every object, each as `name=value`: ["team=web"]. Letters, digits, `-`, `_` and `.` in names, ASCII in values.',
  ),
};
