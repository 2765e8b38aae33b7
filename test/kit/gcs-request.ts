// Requests to a Google Cloud Storage server, with nothing of any client library: what tests ask must not depend on what they test.
import type { GcsPlace } from "./gcs-server.ts";

export interface GcsUpload {
  readonly bucket: string;
  readonly key: string;
  readonly body: string;
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** It is taken only where no object has the key. */
  readonly onlyNew?: boolean;
}

/** In one request of two parts, as Google's own clients do it: fake-gcs-server heeds conditions in no other. Resolves with the status. */
export async function gcsUpload(
  { endpoint }: Pick<GcsPlace, "endpoint">,
  upload: GcsUpload,
): Promise<number> {
  const { bucket, key, body, contentType = "text/plain", metadata = {}, onlyNew = false } = upload;
  const url = `${endpoint}/upload/storage/v1/b/${bucket}/o?uploadType=multipart`;
  const parts = [
    `content-type: application/json\r\n\r\n${JSON.stringify({ name: key, contentType, metadata })}`,
    `content-type: ${contentType}\r\n\r\n${body}`,
  ];
  const answer = await fetch(onlyNew ? `${url}&ifGenerationMatch=0` : url, {
    method: "POST",
    headers: { "content-type": "multipart/related; boundary=part" },
    body: `${parts.map((part) => `--part\r\n${part}\r\n`).join("")}--part--`,
  });
  await answer.text();
  return answer.status;
}

export async function gcsDownload(
  { endpoint }: Pick<GcsPlace, "endpoint">,
  bucket: string,
  key: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(`${endpoint}/storage/v1/b/${bucket}/o/${encodeURIComponent(key)}?alt=media`);
  return { status: answer.status, text: await answer.text() };
}
