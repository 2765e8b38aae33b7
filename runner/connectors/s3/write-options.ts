// The options that say how a sink's objects are kept in S3.
import { choice, defaulted, list, optional, string } from "../../../dsl/spec/options.ts";

export const s3WriteOptions = {
  storage_class: optional(
    choice(
      "STANDARD",
      "STANDARD_IA",
      "ONEZONE_IA",
      "INTELLIGENT_TIERING",
      "GLACIER_IR",
      "GLACIER",
      "DEEP_ARCHIVE",
      "REDUCED_REDUNDANCY",
    ),
    "The class in which objects are kept, as the store names it. Default: the store's.",
  ),
  encryption: defaulted(
    choice("none", "aes256", "kms"),
    "none",
    "How the store encrypts objects at rest: with keys of its own (`aes256`) or of AWS KMS (`kms`). `none` leaves it to the bucket's own setting.",
  ),
  kms_key: optional(
    string(),
    "With `encryption = kms`: the key's id or ARN. Default: the account's own key for S3.",
  ),
  metadata: defaulted(
    list(string()),
    [],
    'User metadata of every object, each as `name=value`: ["team=web"]. Letters, digits, `-`, `_` and `.` in names, ASCII in values.',
  ),
  tags: defaulted(
    list(string()),
    [],
    'Tags of every object, each as `name=value`: ["cost-center=12"]. At most ten.',
  ),
};
