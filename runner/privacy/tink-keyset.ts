// Writes an AES-SIV key as the cleartext JSON keyset that every Tink and BigQuery read.

/** Tag and length of `key_value`, field 2 of Tink's AesSivKey message; its version 0 is left out, as protobuf does. */
const KEY_VALUE_FIELD = Buffer.from([0x12, 0x40]);

/** `key` is 64 bytes; `id` an unsigned 32-bit integer. */
export function tinkKeyset(key: Uint8Array, id: number): string {
  const message = Buffer.concat([KEY_VALUE_FIELD, key]);
  const value = message.toString("base64");
  message.fill(0);
  return JSON.stringify({
    primaryKeyId: id,
    key: [
      {
        keyData: {
          typeUrl: "type.googleapis.com/google.crypto.tink.AesSivKey",
          value,
          keyMaterialType: "SYMMETRIC",
        },
        status: "ENABLED",
        keyId: id,
        outputPrefixType: "TINK",
      },
    ],
  });
}
